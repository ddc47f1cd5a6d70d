#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/result.h"

namespace agent::kubernetes {

/// What a kubelet said about a container of a pod, as far as it tells why the container ended.
struct PodEvent {
  enum class Kind {
    kProbeKilled,  ///< It was ended because its liveness or startup probe failed.
    kProbeFailed,  ///< A liveness or startup probe failed, perhaps not often enough.
    kChanged,      ///< It was ended because its definition was changed.
  };

  Kind kind = Kind::kProbeFailed;
  std::string container;
  /// The same is told again in one event: when it was first and last, in seconds.
  std::optional<common::WallTime> first = {};
  std::optional<common::WallTime> last = {};

  friend bool operator==(const PodEvent&, const PodEvent&) = default;
};

/// No pod has as many events: a kubelet tells 25 of a pod, and then one in five minutes.
inline constexpr std::size_t kMostEvents = 500;

/// Reads an EventList of the API, and leaves out what says nothing about an end. Fails with
/// bad_message where it is no list.
[[nodiscard]] common::Result<std::vector<PodEvent>> ParseEvents(std::string_view json);

}  // namespace agent::kubernetes

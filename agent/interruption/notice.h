#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "common/clock.h"

namespace agent::interruption {

enum class Kind {
  kSpot,         ///< The node is taken back.
  kRebalance,    ///< It may be soon; nothing is certain.
  kMaintenance,  ///< It stops for maintenance, or is retired.
};

/// "spot", "rebalance" or "maintenance".
[[nodiscard]] std::string_view NameOf(Kind kind);

/// What the cloud says will become of this node.
struct Notice {
  Kind kind = Kind::kSpot;
  /// When it happens, by the wall clock; of a rebalance, when it was recommended.
  common::WallTime at;

  friend bool operator==(const Notice&, const Notice&) = default;
};

/// At most one of each kind, the first to come true, in the order of the kinds.
using Notices = std::vector<Notice>;

/// A notice as one answer of a metadata service has it. Not all say when.
struct Sighting {
  Kind kind = Kind::kSpot;
  std::optional<common::WallTime> at = {};
  std::chrono::milliseconds usual_notice{0};  ///< From the first sight, where `at` is not said.

  friend bool operator==(const Sighting&, const Sighting&) = default;
};

/// The notices after another look. What does not say when keeps the time of its first sight. Pure.
[[nodiscard]] Notices Fold(const Notices& before, const std::vector<Sighting>& seen,
                           common::WallTime now);

}  // namespace agent::interruption

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/clock.h"

namespace scaler::kubernetes::events {

/// An object of the cluster. `kubectl describe` finds events by the uid too.
struct Reference {
  std::string api_version;  ///< "apps/v1"
  std::string kind;
  std::string name_space;  ///< Empty: it is in none.
  std::string name;
  std::string uid;

  friend auto operator<=>(const Reference&, const Reference&) = default;
};

/// Something that a person wants to see who looks at the object.
struct Event {
  Reference regarding;
  std::optional<Reference> related;
  bool warning = false;
  std::string reason;  ///< One word: "Scaled".
  std::string action;  ///< One word: "Scale".
  std::string note;    ///< For people; what is beyond 1024 bytes is cut off.
};

/// Events of objects without a namespace are in "default".
[[nodiscard]] std::string NamespaceOf(const Reference& regarding);

/// The object of events.k8s.io/v1. `instance` is who says it: the name of our pod.
[[nodiscard]] std::string EventJson(const Event& event, const std::string& name,
                                    const std::string& instance, common::WallTime at);

/// The merge patch that says that it happened again: `count` times by now, the last at `at`.
[[nodiscard]] std::string SeriesPatch(std::int64_t count, common::WallTime at);

}  // namespace scaler::kubernetes::events

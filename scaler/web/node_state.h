#pragma once

#include "scaler/engine/capacity/observation.h"

namespace scaler::web {

inline constexpr const char* kNodeStates[] = {"booting", "ready", "not_ready", "cordoned",
                                              "draining"};

/// Where a node is, in a word of kNodeStates; the first that holds from the end.
[[nodiscard]] inline const char* StateOf(const engine::capacity::Node& node) {
  if (node.draining) {
    return "draining";
  }
  if (node.booting_since) {
    return "booting";
  }
  if (!node.ready) {
    return "not_ready";
  }
  return node.cordoned ? "cordoned" : "ready";
}

[[nodiscard]] inline const char* TypeName(engine::capacity::CapacityType type) {
  return type == engine::capacity::CapacityType::kSpot ? "spot" : "on_demand";
}

}  // namespace scaler::web

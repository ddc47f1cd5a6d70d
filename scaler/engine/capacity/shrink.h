#pragma once

#include <optional>
#include <vector>

#include "scaler/engine/capacity/notes.h"
#include "scaler/engine/capacity/packing.h"

namespace scaler::engine::capacity {

/// What a decision knows when it comes to taking nodes away.
struct ShrinkInput {
  const CapacityPolicy& policy;
  const World& world;
  const std::vector<Load>& waiting;  ///< Pods that are to find room on what stays.
  const Packing& ready;              ///< Nodes that are ready, with the pods that wait placed.
  const std::optional<SpotPlan>& plan;
  double factor = 1;         ///< Of the spare.
  bool spare_holds = false;  ///< And no pod waits: else nothing goes.
  int draining = 0;          ///< By this decision already, within the budget.
  Time now{};
};

/// Empties at most as many nodes as the disruption budget leaves: stand-ins for spot that is there
/// again, and nodes that have been unneeded for a while. A node is unneeded if its pods fit on the
/// other nodes that are ready, and the spare then still holds. Never below nodes.min, the floor of
/// dedicated nodes and the mix of spot.
[[nodiscard]] std::vector<Action> DrainUnneeded(const ShrinkInput& input, CapacityState& state,
                                                Notes& notes);

}  // namespace scaler::engine::capacity

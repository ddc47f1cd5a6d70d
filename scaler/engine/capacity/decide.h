#pragma once

#include "scaler/engine/capacity/decision.h"
#include "scaler/engine/capacity/observation.h"
#include "scaler/engine/capacity/policy.h"
#include "scaler/engine/capacity/state.h"

namespace scaler::engine::capacity {

struct CapacityStep {
  CapacityState state;
  CapacityDecision decision;
};

/// Decides which nodes to ask for, to empty, and to remove.
///
/// In this order: nodes that the provider takes are drained; the mix of spot and on-demand, the
/// least of each pool, pods without room and the spare each get what they lack, what is on its way
/// counted; and if nothing is lacking, what is not needed goes, within the disruption budget. Work
/// that takes the spare leaves it broken, so that the same decision orders the next.
///
/// Pure: the same arguments give the same CapacityStep. The caller sees to it that `now` does not
/// go back and that the provider's answers come in as events.
[[nodiscard]] CapacityStep DecideCapacity(const CapacityPolicy& policy, CapacityState state,
                                          const CapacityObservation& observation);

}  // namespace scaler::engine::capacity

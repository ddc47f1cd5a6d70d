#pragma once

#include <vector>

#include "scaler/engine/capacity/packing.h"

namespace scaler::engine::capacity {

/// How many nodes the work needs when it is packed anew, with the shapes of the spare.
struct Need {
  int dedicated = 0;  ///< That must not be spot: for critical pods, or the floor.
  int flexible = 0;   ///< That may be.
};

[[nodiscard]] Need NodesNeeded(const CapacityPolicy& policy, const World& world);

/// How to mix spot and on-demand: of all mixes that are expected to keep shortfall (pods without a
/// node while a replacement comes) under a thousandth of the time, the one of least cost.
///
/// A loss is an interruption of a pool in a zone and takes the share of its nodes that losses
/// have taken so far. A mix survives k losses if the rest still is enough for all; what it does
/// not survive costs the gap from the loss to a new on-demand node, less the notice. Hazards, gaps
/// and how often zones go together are as observed.
[[nodiscard]] SpotPlan PlanSpot(const CapacityPolicy& policy, const CapacityState& state,
                                const World& world, Time now);

}  // namespace scaler::engine::capacity

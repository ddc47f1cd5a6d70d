#pragma once

#include "scaler/engine/capacity/grow.h"

/// Private to this folder.
namespace scaler::engine::capacity {

struct ReturnInput {
  const CapacityPolicy& policy;
  const CapacityState& state;
  const World& world;
  const SpotPlan& plan;
  double factor = 1;  ///< Of the spare, by schedule.
};

/// On-demand nodes above the plan's number that spot could stand in for: what was ordered as spare
/// while spot was refused. A spot node is ordered in the place of each, as many at a time as may
/// drain at once, as soon as spot has been to be had for long enough; when it is ready the other is
/// no longer needed and goes. Where none is to be had it is asked for again. `later` has what is
/// ready and comes, and gets the new nodes.
void ReturnToSpot(const ReturnInput& input, Grower& grower, Packing& later);

}  // namespace scaler::engine::capacity

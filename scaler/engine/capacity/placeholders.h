#pragma once

#include <vector>

#include "scaler/engine/capacity/decision.h"
#include "scaler/engine/capacity/policy.h"
#include "scaler/engine/capacity/world.h"

namespace scaler::engine::capacity {

/// The spare of a policy that keeps it by placeholder pods; empty where it does not.
///
/// Each shape as often as the schedule says, and for each loss to be survived as many pods as nodes
/// are lost, each with the room of the largest node: what ran on the lost one fits there, whatever
/// it was. Of nodes of one instance type the least room counts, so that it fits on each of them.
/// The two kinds add up, for a pod holds its room for itself.
///
/// By the nodes that there are, in whatever state: one that drains takes no spare with it.
[[nodiscard]] std::vector<Placeholder> PlanPlaceholders(const CapacityPolicy& policy,
                                                        const World& world, Time now);

}  // namespace scaler::engine::capacity

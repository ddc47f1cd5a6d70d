#pragma once

#include "scaler/engine/number.h"
#include "scaler/engine/observation.h"
#include "scaler/engine/policy.h"

namespace scaler::engine {

/// The schedules that are in force. Replicas of a schedule are wanted when it begins, so they are
/// asked for a little earlier.
void ApplySchedule(const Policy& policy, const Observation& observation, Number& number);

/// replicas.min and replicas.max, and then what a group leaves.
void ApplyBounds(const Policy& policy, const Observation& observation, Number& number);

/// The fewest replicas that the policy promises now to a workload that is not idle: its minimum or
/// that of a schedule. What a group keeps free for it (see Share).
[[nodiscard]] int PromisedReplicas(const Policy& policy, const Observation& observation);

}  // namespace scaler::engine

#pragma once

#include <optional>

#include "scaler/engine/decision.h"
#include "scaler/engine/observation.h"
#include "scaler/engine/policy.h"
#include "scaler/engine/state.h"

namespace scaler::engine {

/// What limit the replicas should have, after one of them ran out of memory; nothing where none
/// did, or where it is so long ago that the advice has decayed.
///
/// Each new out-of-memory end raises the advice to max(limit + 100 MiB, 1.2 x limit), as
/// Kubernetes' vertical pod autoscaler does (k8s.io/autoscaler, OOMMinBumpUp and OOMBumpUpRatio),
/// within the policy's bound; what was added halves every day, and never falls below 1.2 times
/// what the replicas use now. In whole MiB.
[[nodiscard]] std::optional<MemoryAdvice> AdviseMemory(const Policy& policy,
                                                       const Observation& observation,
                                                       State& state);

}  // namespace scaler::engine

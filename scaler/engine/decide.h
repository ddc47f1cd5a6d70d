#pragma once

#include "scaler/engine/decision.h"
#include "scaler/engine/observation.h"
#include "scaler/engine/policy.h"
#include "scaler/engine/state.h"

namespace scaler::engine {

struct Step {
  State state;
  Decision decision;
};

/// Decides how many replicas one workload should have.
///
/// Each signal recommends; the largest wins; then the rules change the number in the order of
/// `Rule`, and each says so in the decision. Semantics of stabilization and rate limits are those
/// of HPA v2 (k8s.io/kubernetes, podautoscaler, horizontal.go). Missing input never scales down.
/// Pure: the same arguments give the same Step.
[[nodiscard]] Step Decide(const Policy& policy, State state, const Observation& observation);

}  // namespace scaler::engine

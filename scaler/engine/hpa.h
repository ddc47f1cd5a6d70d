#pragma once

#include <optional>

#include "scaler/engine/observation.h"
#include "scaler/engine/policy.h"
#include "scaler/engine/recommend.h"
#include "scaler/engine/state.h"

namespace scaler::engine {

/// Asks each signal of the policy as the HPA would (see hpa_calculator.h), for
/// Algorithm::kHpa. Requests, requests in flight and queued are external metrics with an
/// AverageValue; pods that the workload did not make are left out, and so are old samples.
void HpaRecommend(const Policy& policy, const Observation& observation, Recommendations& all);

/// Where the HPA goes without a look at any metric: back into the bounds, or nowhere, where
/// somebody has set the replicas to zero. Empty: it looks at the metrics.
[[nodiscard]] std::optional<int> HpaWithoutMetrics(const Policy& policy,
                                                   const Observation& observation);

/// How many replicas an HPA would have now, had it been in charge since the first decision: with
/// the policy's signals, bounds and tolerance, and else as it is where nobody configures it (every
/// 15 s, no behavior, a stabilization window of 300 s, at least one replica, no other guards).
/// After a time with nothing to do its next look comes at once, in its favour. Empty: no signal of
/// the policy is known that it could go by.
[[nodiscard]] std::optional<int> HpaShadow(const Policy& policy, const Observation& observation,
                                           State& state);

}  // namespace scaler::engine

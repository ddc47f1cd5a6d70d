#pragma once

#include "scaler/engine/policy.h"
#include "scaler/engine/state.h"

namespace scaler::engine {

/// Remembers `wanted` in the two windows of stabilization and forgets what has left them.
void RememberRecommendation(const Behavior& behavior, Time now, int wanted, State& state);

/// HPA v2's stabilization: not below the largest recommendation of the scale-down window, not
/// above the smallest of the scale-up window. Call after RememberRecommendation.
[[nodiscard]] int Stabilize(const Behavior& behavior, Time now, int current, int wanted,
                            const State& state);

/// The most replicas that the scale-up rate limits allow now.
[[nodiscard]] int MostReplicas(const ScalingRules& rules, Time now, int current,
                               const State& state);

/// The fewest replicas that the scale-down rate limits allow now.
[[nodiscard]] int FewestReplicas(const ScalingRules& rules, Time now, int current,
                                 const State& state);

/// Remembers a change for the rate limits, in the place of one that no limit looks at any more.
void RememberChange(const Behavior& behavior, Time now, int from, int to, State& state);

}  // namespace scaler::engine

#pragma once

#include "scaler/backtest/spot/market.h"
#include "scaler/engine/capacity/policy.h"

namespace scaler::backtest::spot {

/// A pool of each kind in every zone, all on spot where it can be had, on-demand after a minute
/// without; back to spot when it could be had for `return_after`. For who has no policy yet.
[[nodiscard]] engine::capacity::CapacityPolicy DefaultPolicy(const World& world,
                                                             Duration return_after);

/// The engine's decisions by the policy. Its pools are made in every zone of the market.
[[nodiscard]] Score RunPolicy(const Market& market, const engine::capacity::CapacityPolicy& policy);

}  // namespace scaler::backtest::spot

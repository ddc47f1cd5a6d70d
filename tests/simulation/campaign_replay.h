#pragma once

#include "scaler/backtest/spot/market.h"
#include "scaler/engine/capacity/policy.h"

namespace simulation {

/// Plays the policy over a campaign through the very parts that run in earnest: the nodes' part of
/// the loop, the placement and the replacement of replicas, a provider that takes orders and
/// answers, notices. In virtual time, with the market's own steps and its rules of who is taken.
[[nodiscard]] scaler::backtest::spot::Score ReplayCampaign(
    const scaler::backtest::spot::Market& market,
    const scaler::engine::capacity::CapacityPolicy& policy);

}  // namespace simulation

#pragma once

#include "scaler/backtest/spot/market.h"

namespace scaler::backtest::spot {

/// Perfect foresight: spot where it has been up for as long as a node takes to start, on-demand
/// started just in time for the rest. Always available; nobody can do it for less.
[[nodiscard]] Score Foresee(const Market& market);

}  // namespace scaler::backtest::spot

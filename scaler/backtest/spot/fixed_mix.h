#pragma once

#include <vector>

#include "scaler/backtest/spot/market.h"

namespace scaler::backtest::spot {

/// A mix by fixed numbers, as somebody could have chosen them who knew what the market is like, and
/// not when it does what.
struct FixedMix {
  int dedicated = 0;        ///< On-demand nodes all the time.
  int extra = 0;            ///< Spot nodes beyond those that are wanted for the rest.
  int survived = 0;         ///< On-demand stands in for what the loss of so many zones would take.
  Duration quarantine{};    ///< A zone that was lost is not asked for so long.
  std::vector<bool> zones;  ///< Those that are asked at all, in the market's order.
};

/// Spot nodes evenly over the zones, moved where others come back; on-demand at once for what is
/// not ready.
[[nodiscard]] Score RunFixedMix(const Market& market, const FixedMix& mix);

/// Over a thousand such mixes: the numbers, and every choice among the three zones that had nodes
/// for the longest.
[[nodiscard]] std::vector<FixedMix> FixedMixes(const Market& market);

}  // namespace scaler::backtest::spot

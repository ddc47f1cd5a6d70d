#pragma once

#include <string>
#include <vector>

#include "scaler/backtest/spot/market.h"
#include "scaler/engine/capacity/policy.h"

namespace scaler::backtest::spot {

struct Entry {
  std::string name;
  Score score;

  friend bool operator==(const Entry&, const Entry&) = default;
};

/// Perfect foresight first, then what others do, then the policies by their names, all on the same
/// market.
[[nodiscard]] std::vector<Entry> Compare(
    const Market& market, const std::vector<engine::capacity::CapacityPolicy>& policies);

}  // namespace scaler::backtest::spot

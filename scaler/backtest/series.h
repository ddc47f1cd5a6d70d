#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "scaler/backtest/world.h"
#include "scaler/policy/selector.h"

namespace scaler::backtest {

/// The demand of one tenant over time.
struct Series {
  std::string name;
  policy::Labels labels;
  Time begin{};
  Duration period = std::chrono::minutes(1);  ///< Of each sample, > 0.
  std::vector<double> rates;                  ///< Requests per second, not negative.

  [[nodiscard]] Duration Length() const { return period * static_cast<long>(rates.size()); }

  /// The rate after `elapsed`; the first or the last sample where there is none.
  [[nodiscard]] double RateAt(Duration elapsed) const {
    if (rates.empty()) {
      return 0;
    }
    const auto sample = elapsed < Duration{} ? 0 : elapsed / period;
    return rates[std::min(static_cast<std::size_t>(sample), rates.size() - 1)];
  }
};

}  // namespace scaler::backtest

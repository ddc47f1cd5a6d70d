#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scaler/backtest/rule.h"
#include "scaler/backtest/series.h"

namespace scaler::backtest {

/// A change of the number, and why.
struct Change {
  Time at{};
  int from = 0;
  int to = 0;
  double rate = 0;                         ///< As the rule knew it, requests per second.
  std::optional<engine::Decision> reason;  ///< Where the engine decided.
};

/// What is to be seen of one series under one rule, in parts of equal length.
struct Recording {
  std::string run;
  std::vector<int> fewest_ready;  ///< In each part.
  std::vector<int> most_ready;
  std::vector<Change> changes;  ///< The largest ones, spread over the time; in order.
  std::size_t changes_left_out = 0;
};

struct Detail {
  std::size_t parts = 1000;
  std::size_t changes = 200;
};

/// Plays the series again and keeps what Detail says, whatever its length.
[[nodiscard]] Recording Record(const World& world, const Series& series, Rule& rule,
                               const Detail& detail);

/// The highest demand in each of the parts, requests per second.
[[nodiscard]] std::vector<double> HighestDemand(const Series& series, std::size_t parts);

}  // namespace scaler::backtest

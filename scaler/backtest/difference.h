#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scaler/backtest/rule.h"
#include "scaler/backtest/series.h"
#include "scaler/engine/decision.h"

namespace scaler::backtest {

/// A time in which two rules, each in a world of its own, asked for different numbers of one
/// series.
struct Difference {
  std::string series;
  Time from{};
  Duration length{};
  double pod_hours = 0;  ///< That the second asked for more than the first; below 0: fewer.
  /// Where they were furthest apart.
  Time at{};
  double rate = 0;  ///< Requests per second, as the second knew it.
  int first = 0;
  int second = 0;
  std::optional<engine::Decision> first_reason;
  std::optional<engine::Decision> second_reason;
};

/// The `most` largest differences by pod-hours, whichever way, the largest first.
[[nodiscard]] std::vector<Difference> Compare(const World& world, const Series& series, Rule& first,
                                              Rule& second, std::size_t most);

/// Keeps the `most` largest of all of them, in that order.
void KeepLargest(std::size_t most, std::vector<Difference>& differences);

}  // namespace scaler::backtest

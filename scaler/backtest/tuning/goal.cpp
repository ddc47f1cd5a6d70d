#include "scaler/backtest/tuning/goal.h"

#include <algorithm>
#include <random>

namespace scaler::backtest::tuning {

double Goal::Loss(const Totals& totals) const {
  constexpr double kSecondsOfHour = 3600;
  const double beyond = std::max(0.0, totals.excess - overload * totals.requests);
  return totals.pod_hours + beyond / (overload * capacity * kSecondsOfHour);
}

double Confidence(const BlockTotals& standing, const BlockTotals& other, const Goal& goal) {
  constexpr int kSamples = 2000;
  if (standing.empty()) {
    return 0;
  }
  std::mt19937 random;  // Seeded by default: the same for everybody.
  int better = 0;
  for (int sample = 0; sample < kSamples; ++sample) {
    Totals mine;
    Totals theirs;
    for (std::size_t i = 0; i < standing.size(); ++i) {
      const auto block = random() % standing.size();
      theirs += standing[block];
      mine += other[block];
    }
    better += goal.Loss(mine) < goal.Loss(theirs) ? 1 : 0;
  }
  return static_cast<double>(better) / kSamples;
}

}  // namespace scaler::backtest::tuning

#include "scaler/backtest/result.h"

namespace scaler::backtest {

Totals& Totals::operator+=(const Totals& other) {
  pod_hours += other.pod_hours;
  node_hours += other.node_hours;
  requests += other.requests;
  excess += other.excess;
  cold_requests += other.cold_requests;
  actions += other.actions;
  reversals += other.reversals;
  return *this;
}

SeriesResult& SeriesResult::operator+=(const SeriesResult& other) {
  total += other.total;
  for (std::size_t half = 0; half < halves.size(); ++half) {
    halves[half] += other.halves[half];
  }
  if (other.worst.excess > worst.excess) {
    worst = other.worst;
  }
  return *this;
}

}  // namespace scaler::backtest

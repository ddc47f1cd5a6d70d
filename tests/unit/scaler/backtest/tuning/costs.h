#pragma once

#include "scaler/backtest/tuning/goal.h"
#include "unit/scaler/backtest/history.h"

namespace scaler::backtest::tuning {

inline constexpr Goal kGoal{.overload = 0.01, .capacity = 100};

/// What a million requests came to.
inline Totals Cost(double pod_hours, double excess_share = 0) {
  Totals totals;
  totals.requests = 1e6;
  totals.pod_hours = pod_hours;
  totals.excess = totals.requests * excess_share;
  return totals;
}

inline policy::Terms StandingTerms() {
  return PolicyWith(
             "  replicas: {max: 9}\n  objective: {overload: 1%, hold: 0s}\n"
             "  signals: {requests: {perReplica: 100/s}}\n")
      .terms;
}

}  // namespace scaler::backtest::tuning

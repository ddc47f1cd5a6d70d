#pragma once

#include "scaler/backtest/tuning/blocks.h"

namespace scaler::backtest::tuning {

/// What is wanted: the fewest pod-hours with no more than `overload` of the requests in excess.
struct Goal {
  double overload = 0;  ///< Above 0.
  double capacity = 0;  ///< Requests per second of a replica.

  /// Pod-hours, and for each request above what is allowed the price at which it would have been
  /// worth a replica: by the objective's own rule one more is kept while this share of its capacity
  /// is used, so a request in excess weighs as much as a replica for 1 / (overload x capacity)
  /// seconds. That way of two that both miss it the one that misses less does not win at any price.
  [[nodiscard]] double Loss(const Totals& totals) const;

  /// What is chosen by: nine tenths of the excess, as what just keeps an objective on the history
  /// that it is the best of just misses it afterwards.
  [[nodiscard]] Goal ToChooseBy() const {
    constexpr double kOfOverload = 0.9;
    return {overload * kOfOverload, capacity};
  }

  [[nodiscard]] bool Keeps(const Totals& totals) const {
    return totals.excess <= overload * totals.requests;
  }
};

/// Of what was held out, block by block, how sure it is that `other` loses less than `standing`:
/// the share of 2000 samples, with replacement, of the blocks in which that is so. The same for the
/// same arguments.
[[nodiscard]] double Confidence(const BlockTotals& standing, const BlockTotals& other,
                                const Goal& goal);

}  // namespace scaler::backtest::tuning

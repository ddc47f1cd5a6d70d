#pragma once

#include "scaler/backtest/result.h"
#include "scaler/backtest/rule.h"
#include "scaler/backtest/series.h"

namespace scaler::backtest {

/// As many replicas all the time as the highest demand needs, known beforehand; at least `min`.
class StaticRule final : public Rule {
 public:
  StaticRule(const World& world, const Series& series, int min);

  [[nodiscard]] Duration Delay() const override { return {}; }
  [[nodiscard]] int Begin(double /*rate*/) override { return replicas_; }
  [[nodiscard]] Answer Decide(const Look& /*look*/) override { return {replicas_, Time::max()}; }

 private:
  int replicas_;
};

/// Perfect foresight: for each sample the fewest replicas that carry it at `share` of their
/// capacity (1: all of it), at least `min`, each started so early that it is ready in time, which
/// is paid for; nodes likewise. Nothing is in excess. It lets go and starts again between samples
/// whatever that costs, so a rule that keeps a replica for a short time may cost a little less.
[[nodiscard]] SeriesResult PlayOracle(const World& world, const Series& series, double share,
                                      int min);

}  // namespace scaler::backtest

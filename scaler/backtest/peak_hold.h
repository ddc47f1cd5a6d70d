#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "scaler/backtest/rule.h"

namespace scaler::backtest {

/// The rule that anything else has to beat: as many replicas as `factor` times the highest demand
/// of the last `hold` needs.
struct PeakHoldOptions {
  double factor = 1;
  Duration hold{};
  int min = 0;

  friend bool operator==(const PeakHoldOptions&, const PeakHoldOptions&) = default;
};

/// "1.2x 600s".
[[nodiscard]] std::string NameOf(const PeakHoldOptions& options);

/// Every factor (1 to 1.5) with every hold (0 to 40 min), 42 of them.
[[nodiscard]] std::vector<PeakHoldOptions> PeakHoldSweep(int min);

class PeakHoldRule final : public Rule {
 public:
  PeakHoldRule(const World& world, const PeakHoldOptions& options);

  [[nodiscard]] Duration Delay() const override { return world_.metric_delay; }
  [[nodiscard]] int Begin(double rate) override { return Need(rate); }
  [[nodiscard]] Answer Decide(const Look& look) override;

 private:
  [[nodiscard]] int Need(double rate) const;

  World world_;
  PeakHoldOptions options_;
  Duration window_;
  /// Demand that may still be the highest, falling, and until when it has been seen.
  std::deque<std::pair<Time, double>> peaks_;
};

}  // namespace scaler::backtest

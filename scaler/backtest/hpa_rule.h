#pragma once

#include <optional>
#include <vector>

#include "scaler/backtest/rule.h"
#include "scaler/engine/decide.h"

namespace scaler::backtest {

/// Kubernetes' HPA at its defaults, as the engine has it (Algorithm::kHpa): every 15 s, on the
/// average utilization of the ready pods.
struct HpaOptions {
  double utilization = 0.7;  ///< Its target, as a share of what a pod carries.
  int min = 1;               ///< An HPA has at least one replica.
  int max = 100'000;
  /// CPU, whose use ends where the pod is used to the full. Otherwise requests for each pod, a
  /// custom metric, which know no such end.
  bool saturates = false;
  /// KEDA beside it: to no replica after so long without a request, and back at one of its looks,
  /// every 30 s. Empty: nobody does that.
  std::optional<Duration> zero_after;
};

class HpaRule final : public Rule {
 public:
  HpaRule(const World& world, const HpaOptions& options);

  [[nodiscard]] Duration Delay() const override { return world_.hpa_delay; }
  [[nodiscard]] int Begin(double rate) override;
  [[nodiscard]] Answer Decide(const Look& look) override;

 private:
  [[nodiscard]] std::optional<int> Sleep(double rate, Duration now);
  [[nodiscard]] int Sync(const Look& look);

  World world_;
  HpaOptions options_;
  engine::Policy policy_;
  engine::State state_;
  engine::Observation observation_;
  double rate_before_ = 0;  ///< In the last step, at the door.
  Duration last_request_{};
  bool asleep_ = false;
};

}  // namespace scaler::backtest

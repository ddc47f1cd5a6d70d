#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scaler/backtest/comparison.h"

namespace scaler::backtest {

/// What is to be compared with the policies.
struct Against {
  bool hpa = false;
  bool hpa_cpu = false;  ///< On CPU, which no pod uses more of than there is.
  bool keda = false;     ///< The HPA with scaling to zero.
  bool fixed = false;

  friend bool operator==(const Against&, const Against&) = default;
};

/// Everybody who plays: the policies, who else was asked for, and always perfect foresight and the
/// sweep of peak-hold.
class Plan {
 public:
  /// `documents` as from PlayableDocument, under the names of their runs; at least one. The first
  /// gives the others their minimum.
  Plan(std::vector<std::pair<std::string, policy::ScalingPolicy>> documents,
       const Against& against);

  [[nodiscard]] const std::vector<Contender>& Contenders() const { return contenders_; }

  /// The policies, which come first among the contenders.
  [[nodiscard]] const std::vector<policy::ScalingPolicy>& Policies() const { return policies_; }
  /// What each policy says is not to happen; empty: it says nothing.
  [[nodiscard]] const std::vector<std::optional<engine::Objective>>& Objectives() const {
    return objectives_;
  }

  /// Whose doings are worth a look: the policies, the HPA and the rule of the sweep of that name.
  [[nodiscard]] std::vector<const Contender*> WorthRecording(const std::string& of_sweep) const;

  /// The place of the first rule of the sweep; the one before it is the floor.
  [[nodiscard]] std::size_t FirstOfSweep() const { return first_of_sweep_; }

 private:
  std::vector<Contender> contenders_;
  std::vector<policy::ScalingPolicy> policies_;
  std::vector<std::optional<engine::Objective>> objectives_;
  std::size_t first_of_sweep_ = 0;
};

/// What came of it.
struct Outcome {
  std::vector<std::string> series;
  /// The policies, then the others; of peak-hold, as "peak-hold", the cheapest that has no more in
  /// excess than the first policy, in hindsight (the one with the least where none has).
  std::vector<RunResult> runs;
  std::string peak_hold;         ///< Which one that is: "1.2x 600s".
  std::vector<RunResult> sweep;  ///< All of peak-hold, by their names.
  RunResult floor;               ///< See FloorContender.
};

/// After the last series was added.
[[nodiscard]] Outcome MakeOutcome(const Plan& plan, Comparison& comparison);

/// How much of the way from peak-hold to perfect foresight, in pod-hours, `run` goes at its own
/// share of excess: 1 is all of it, below 0 it costs more than peak-hold. Empty where no rule of
/// the sweep has so little in excess: then there is nothing to compare with.
[[nodiscard]] std::optional<double> GapClosed(const Outcome& outcome, const RunResult& run);

}  // namespace scaler::backtest

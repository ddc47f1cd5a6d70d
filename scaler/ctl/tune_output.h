#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/backtest/tuning/tuning.h"

namespace scaler::ctl {

/// One policy: what came of it, or why nothing could.
struct TunedPolicy {
  std::string name;
  std::optional<backtest::tuning::Shortage> shortage;
  std::optional<backtest::tuning::Tuning> tuning;  ///< Where there is no shortage.

  [[nodiscard]] bool IsBetter() const {
    return tuning && tuning->verdict == backtest::tuning::Verdict::kBetter;
  }
};

struct TuneContext {
  std::string history;  ///< The file or the address.
  backtest::tuning::Extent extent;
  std::vector<std::string> notes;
};

[[nodiscard]] std::string TuneTable(const std::vector<TunedPolicy>& policies,
                                    const TuneContext& context);

/// As docs/backtest.md describes it; one line.
[[nodiscard]] std::string TuneJson(const std::vector<TunedPolicy>& policies,
                                   const TuneContext& context);

}  // namespace scaler::ctl

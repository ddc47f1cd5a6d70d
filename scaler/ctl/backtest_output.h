#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/backtest/plan.h"

namespace scaler::ctl {

/// What a backtest shows besides the numbers.
struct BacktestContext {
  std::string history;  ///< The file or the address.
  backtest::World world;
  /// As Plan::Objectives.
  std::vector<std::optional<engine::Objective>> objectives;
  bool in_groups = false;  ///< Policies were played under the caps of groups.
  std::vector<std::string> notes;
};

/// A table, what it means for the policies, and the notes.
[[nodiscard]] std::string BacktestTable(const backtest::Outcome& outcome,
                                        const BacktestContext& context);

/// As docs/backtest.md describes it; one line.
[[nodiscard]] std::string BacktestJson(const backtest::Outcome& outcome,
                                       const BacktestContext& context);

}  // namespace scaler::ctl

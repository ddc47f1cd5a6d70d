#pragma once

#include <cstddef>

#include "scaler/ctl/backtest_options.h"
#include "scaler/ctl/command_result.h"

namespace scaler::ctl {

/// As those of a backtest, of which `against`, `json`, `report` and `threads` say nothing here.
struct DiffOptions {
  BacktestOptions backtest;
  std::size_t most = 5;
};

/// `trimtabctl diff`.
CLI::App* AddDiff(CLI::App& app, DiffOptions& options);

/// Plays two policies over one history, and prints where they differ most and why. Ends as
/// `Backtest`.
[[nodiscard]] CommandResult Diff(const DiffOptions& options);

}  // namespace scaler::ctl

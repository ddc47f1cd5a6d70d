#pragma once

#include <optional>
#include <string>

#include "scaler/ctl/backtest_options.h"
#include "scaler/ctl/command_result.h"

namespace scaler::ctl {

struct TuneOptions {
  BacktestOptions backtest;  ///< Without `against` and `report`.
  /// Share of requests that may find no free capacity; empty: the policies' own objectives.
  std::optional<double> overload;
  backtest::Duration block = std::chrono::hours(24);
  std::string write;  ///< A file for the changed policies; empty: none.
};

/// `trimtabctl tune`.
CLI::App* AddTune(CLI::App& app, TuneOptions& options);

/// 0 something better was found for a policy, 1 the history could not be had or the file not be
/// written, 2 something given is wrong, 3 there is nothing better for any, 4 there is too little
/// history for all.
[[nodiscard]] CommandResult Tune(const TuneOptions& options);

}  // namespace scaler::ctl

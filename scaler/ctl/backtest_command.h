#pragma once

#include "scaler/ctl/backtest_options.h"
#include "scaler/ctl/command_result.h"

namespace scaler::ctl {

/// `trimtabctl backtest`: 0 done, 1 the history could not be had, 2 something given is wrong.
[[nodiscard]] CommandResult Backtest(BacktestOptions options);

}  // namespace scaler::ctl

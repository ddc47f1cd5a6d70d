#pragma once

#include <memory>

#include "common/result.h"
#include "scaler/backtest/history/history.h"
#include "scaler/ctl/backtest_options.h"
#include "scaler/ctl/backtest_policies.h"
#include "scaler/ctl/command_result.h"

namespace scaler::ctl {

/// The world of the flags, with what the first policy says of a replica.
[[nodiscard]] common::Result<backtest::World> WorldOf(const WorldOptions& options,
                                                      const BacktestPolicies& policies);

/// The history of the flags; a file, or Prometheus. invalid_argument where there is neither.
[[nodiscard]] common::Result<std::unique_ptr<backtest::history::History>> OpenHistory(
    const BacktestOptions& options);

/// How a command ends that could not have its history: 1 if Prometheus did not give it, else 2.
[[nodiscard]] CommandResult HistoryProblem(const BacktestOptions& options,
                                           const common::Error& error);

}  // namespace scaler::ctl

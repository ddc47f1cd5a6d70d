#pragma once

#include <string>
#include <vector>

#include "scaler/backtest/spot/market.h"
#include "scaler/ctl/command_result.h"

namespace CLI {
class App;
}  // namespace CLI

namespace scaler::ctl {

struct SpotOptions {
  std::vector<std::string> policies;
  std::string trace;
  std::string campaign;  ///< Empty: all.
  backtest::spot::World world;
  bool json = false;
};

/// `trimtabctl backtest-spot`.
CLI::App* AddBacktestSpot(CLI::App& app, SpotOptions& options);

/// 0 done, 2 something given is wrong.
[[nodiscard]] CommandResult BacktestSpot(const SpotOptions& options);

}  // namespace scaler::ctl

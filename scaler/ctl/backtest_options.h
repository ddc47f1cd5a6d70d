#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/backtest/history/history.h"
#include "scaler/backtest/world.h"

namespace CLI {
class App;
}  // namespace CLI

namespace scaler::ctl {

/// The model of the world, as flags give it.
struct WorldOptions {
  backtest::World world;
  std::optional<double> capacity;  ///< Empty: what the first policy says of a replica.
};

struct BacktestOptions {
  std::vector<std::string> policies;
  std::string trace;
  backtest::history::Options history;
  WorldOptions world;
  std::vector<std::string> against{"hpa", "static"};
  bool json = false;
  std::string report;    ///< A file to be written; empty: none.
  unsigned threads = 0;  ///< 0: one for each core.
};

void AddWorldOptions(CLI::App& command, WorldOptions& options);
void AddHistoryOptions(CLI::App& command, std::string& trace, backtest::history::Options& options);

/// `trimtabctl backtest`.
CLI::App* AddBacktest(CLI::App& app, BacktestOptions& options);

}  // namespace scaler::ctl

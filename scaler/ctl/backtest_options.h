#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/http/credentials.h"
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

/// The history of a query instead of a file.
struct PrometheusOptions {
  std::string address;  ///< Empty: a file it is.
  std::string query = "sum by (tenant) (rate(trimtab_tenant_arrivals_total[1m]))";
  std::string from = "168h";
  std::string to = "0s";
  common::http::ClientOptions client;
};

struct BacktestOptions {
  std::vector<std::string> policies;
  std::string trace;
  backtest::history::Options history;
  PrometheusOptions prometheus;
  WorldOptions world;
  std::vector<std::string> against{"hpa", "static"};
  bool json = false;
  std::string report;    ///< A file to be written; empty: none.
  unsigned threads = 0;  ///< 0: one for each core.
};

void AddWorldOptions(CLI::App& command, WorldOptions& options);
void AddHistoryOptions(CLI::App& command, std::string& trace, backtest::history::Options& options);

void AddPrometheusOptions(CLI::App& command, PrometheusOptions& options);

/// `trimtabctl backtest`.
CLI::App* AddBacktest(CLI::App& app, BacktestOptions& options);

}  // namespace scaler::ctl

#include "scaler/ctl/backtest_inputs.h"

#include "common/clock.h"
#include "common/http/client.h"
#include "common/prometheus/client.h"
#include "scaler/ctl/prometheus_history.h"

namespace scaler::ctl {
namespace {

using common::Fail;
using common::Result;

constexpr int kFailed = 1;
constexpr int kRefused = 2;

}  // namespace

Result<backtest::World> WorldOf(const WorldOptions& options, const BacktestPolicies& policies) {
  auto world = options.world;
  const auto& declared = policies.runs.front().second.terms.policy.signals.requests;
  if (options.capacity) {
    world.capacity_per_replica = *options.capacity;
  } else if (declared && declared->per_replica_per_second) {
    world.capacity_per_replica = *declared->per_replica_per_second;
  } else {
    return Fail(
        std::errc::invalid_argument,
        "the first policy does not say what a replica carries: give --capacity, like 100/s");
  }
  if (world.capacity_per_replica <= 0) {
    return Fail(std::errc::invalid_argument, "--capacity: a replica serves more than nothing");
  }
  if (world.step < std::chrono::seconds(1)) {
    return Fail(std::errc::invalid_argument, "--step: at least 1s");
  }
  world.nodes = world.node_start > backtest::Duration{};
  return world;
}

Result<std::unique_ptr<backtest::history::History>> OpenHistory(const BacktestOptions& options) {
  const auto& prometheus = options.prometheus;
  if (options.trace.empty() && prometheus.address.empty()) {
    return Fail(std::errc::invalid_argument,
                "a history is needed: --trace FILE or --prometheus URL");
  }
  if (prometheus.address.empty()) {
    return backtest::history::OpenCsv(options.trace, options.history);
  }
  constexpr auto kDeadline = std::chrono::minutes(2);
  const auto credentials = common::http::Credentials::Open(prometheus.client);
  if (!credentials) {
    return tl::make_unexpected(credentials.error());
  }
  const auto now = common::SystemClock().Wall();
  const auto from = ParseWhen(prometheus.from, now);
  const auto to = ParseWhen(prometheus.to, now);
  if (!from || !to) {
    return tl::make_unexpected(!from ? from.error() : to.error());
  }
  const auto step = options.history.period.value_or(std::chrono::minutes(1));
  return FetchHistory(common::prometheus::Client(prometheus.address, kDeadline, *credentials),
                      prometheus.query, {*from, *to, step}, options.history.series);
}

CommandResult HistoryProblem(const BacktestOptions& options, const common::Error& error) {
  const bool is_ours =
      options.prometheus.address.empty() || error.code == std::errc::invalid_argument;
  return {.code = is_ours ? kRefused : kFailed, .out = {}, .err = error.what + "\n"};
}

}  // namespace scaler::ctl

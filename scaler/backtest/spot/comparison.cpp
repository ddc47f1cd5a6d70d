#include "scaler/backtest/spot/comparison.h"

#include "scaler/backtest/spot/baselines.h"
#include "scaler/backtest/spot/foresight.h"
#include "scaler/backtest/spot/policy_run.h"

namespace scaler::backtest::spot {

std::vector<Entry> Compare(const Market& market,
                           const std::vector<engine::capacity::CapacityPolicy>& policies) {
  using std::chrono::minutes;
  const int replicas = market.TheWorld().replicas;
  std::vector<Entry> entries = {
      {"oracle", Foresee(market)},
      {"on-demand", RunStaticMix(market, replicas, 0)},
      {"static-half", RunStaticMix(market, replicas / 2, 0)},
      {"static-half+1", RunStaticMix(market, replicas / 2, 1)},
      {"spot-only", RunStaticMix(market, 0, 0)},
      {"cluster-autoscaler-15m", RunClusterAutoscaler(market, minutes(15), 0)},
      {"cluster-autoscaler-1m", RunClusterAutoscaler(market, minutes(1), 0)},
      {"always-one-spare", RunClusterAutoscaler(market, minutes(1), 1)},
      {"spothedge+1", RunSpotHedge(market, 1)},
      {"spothedge+2", RunSpotHedge(market, 2)},
  };
  for (const auto& policy : policies) {
    entries.push_back({policy.name, RunPolicy(market, policy)});
  }
  return entries;
}

}  // namespace scaler::backtest::spot

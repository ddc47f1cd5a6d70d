#include "scaler/backtest/spot/policy_run.h"

#include <utility>

#include "scaler/backtest/spot/fleet.h"
#include "scaler/engine/capacity/decide.h"

namespace scaler::backtest::spot {
namespace {

using engine::capacity::CapacityPolicy;
using engine::capacity::CapacityState;
using engine::capacity::CapacityType;

/// Any time will do: the engine knows no calendar.
constexpr Time kBegin{std::chrono::seconds(1'600'000'000)};

/// How often a provider that refuses is asked for something else within a step.
constexpr int kMostRounds = 12;

/// Decides until the provider has refused nothing.
CapacityState DecideAll(const CapacityPolicy& policy, CapacityState state, Fleet& fleet, Time now) {
  bool refused = true;
  for (int round = 0; round < kMostRounds && refused; ++round) {
    fleet.Seen().now = now + Duration(round);
    auto step = engine::capacity::DecideCapacity(policy, std::move(state), fleet.Seen());
    state = std::move(step.state);
    fleet.Seen().events.clear();
    fleet.Seen().now = now + Duration(round + 1);  // What the provider answers comes after.
    refused = false;
    for (const auto& action : step.decision.actions) {
      refused = fleet.Do(action) || refused;
    }
    fleet.Schedule();
  }
  return state;
}

}  // namespace

CapacityPolicy DefaultPolicy(const World& world, Duration return_after) {
  CapacityPolicy policy;
  policy.name = "default";
  policy.pools = {{"dedicated", CapacityType::kOnDemand, 0, 4 * world.replicas, {}},
                  {"spot", CapacityType::kSpot, 0, 8 * world.replicas, {}}};
  policy.spot = engine::capacity::SpotRules{.share = 1,
                                            .min_dedicated_nodes = 0,
                                            .fallback_after = std::chrono::seconds(60),
                                            .return_after = return_after};
  policy.disruption = {.nodes_at_once = world.replicas, .nodes_per_hour = 10'000};
  return policy;
}

Score RunPolicy(const Market& market, const CapacityPolicy& policy) {
  const auto& world = market.TheWorld();
  Account account(world);
  Fleet fleet(market, policy);
  CapacityState state;
  for (Duration at{}; at < market.Length(); at += world.step) {
    const auto now = kBegin + at;
    fleet.Seen().now = now;
    fleet.Advance(at, now);
    state = DecideAll(policy, std::move(state), fleet, now);
    account.Pass(fleet.Nodes(CapacityType::kSpot), fleet.Nodes(CapacityType::kOnDemand),
                 fleet.AllRun());
  }
  return account.Sum();
}

}  // namespace scaler::backtest::spot

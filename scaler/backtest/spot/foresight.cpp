#include "scaler/backtest/spot/foresight.h"

#include <algorithm>

namespace scaler::backtest::spot {
namespace {

/// Spot nodes that can be ready then: those that have been there for a node's start.
int Usable(const Market& market, Duration at) {
  const auto start = market.TheWorld().node_start;
  if (at <= start) {
    return 0;
  }
  int usable = 0;
  for (std::size_t zone = 0; zone < market.Zones().size(); ++zone) {
    usable += market.Least(zone, at - start, at);
  }
  return std::min(market.TheWorld().replicas, usable);
}

}  // namespace

Score Foresee(const Market& market) {
  const auto& world = market.TheWorld();
  const double start_steps =
      static_cast<double>(world.node_start.count()) / static_cast<double>(world.step.count());
  double cost = 0;
  double steps = 0;
  int before = world.replicas;  // The first are there when the campaign begins.
  for (Duration at{}; at < market.Length(); at += world.step) {
    const int spot = Usable(market, at);
    const int dedicated = world.replicas - spot;
    cost += spot * world.spot_price + dedicated + std::max(0, dedicated - before) * start_steps;
    before = dedicated;
    steps += 1;
  }
  return {cost / steps / world.replicas, 1.0};
}

}  // namespace scaler::backtest::spot

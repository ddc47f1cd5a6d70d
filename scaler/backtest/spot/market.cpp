#include "scaler/backtest/spot/market.h"

#include <algorithm>

namespace scaler::backtest::spot {
namespace {

bool CountsOneNode(const Zone& zone) {
  return std::all_of(zone.nodes.begin(), zone.nodes.end(), [](int nodes) { return nodes <= 1; });
}

}  // namespace

Market::Market(const Campaign& campaign, const World& world)
    : campaign_(campaign),
      world_(world),
      room_(std::all_of(campaign.zones.begin(), campaign.zones.end(), CountsOneNode)
                ? world.replicas
                : 1) {}

Duration Market::Length() const {
  return campaign_.tick * static_cast<Duration::rep>(campaign_.zones.front().nodes.size());
}

int Market::At(std::size_t zone, Duration at) const {
  const auto& nodes = campaign_.zones[zone].nodes;
  const auto tick = static_cast<std::size_t>(at / campaign_.tick);
  return nodes[std::min(tick, nodes.size() - 1)] * room_;
}

int Market::Least(std::size_t zone, Duration from, Duration until) const {
  int least = At(zone, from);
  for (auto at = from + world_.step; at <= until; at += world_.step) {
    least = std::min(least, At(zone, at));
  }
  return least;
}

int Market::Lasting(std::size_t zone, Duration at) const {
  return Least(zone, at, at + world_.notice);
}

void Account::Pass(int spot_nodes, int dedicated_nodes, bool all_run) {
  cost_ += spot_nodes * world_.spot_price + dedicated_nodes;
  good_ += all_run ? 1 : 0;
  steps_ += 1;
}

Score Account::Sum() const { return {cost_ / steps_ / world_.replicas, good_ / steps_}; }

}  // namespace scaler::backtest::spot

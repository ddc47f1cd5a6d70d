#include "scaler/backtest/foresight.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace scaler::backtest {
namespace {

double InHours(Duration duration) {
  return std::chrono::duration<double, std::ratio<3600>>(duration).count();
}

int NeedOf(double rate, double carried, int min) {
  return std::max(min, static_cast<int>(std::ceil(rate / carried - 1e-9)));
}

/// Up so early that they are ready when pods start on them; booked by the sample.
void PlayNodes(const World& world, const Series& series, const std::vector<int>& needs,
               SeriesResult& result) {
  const auto lead = static_cast<std::size_t>(
      std::ceil(InHours(world.pod_start + world.node_start) / InHours(series.period) - 1e-9));
  for (std::size_t i = 0; i < needs.size(); ++i) {
    const auto until = std::min(needs.size(), i + lead + 1);
    const int pods = *std::max_element(needs.begin() + static_cast<std::ptrdiff_t>(i),
                                       needs.begin() + static_cast<std::ptrdiff_t>(until));
    const int nodes = (pods + world.pods_per_node - 1) / world.pods_per_node;
    result.halves[i * 2 < needs.size() ? 0 : 1].node_hours += nodes * InHours(series.period);
  }
}

}  // namespace

StaticRule::StaticRule(const World& world, const Series& series, int min)
    : replicas_(NeedOf(
          series.rates.empty() ? 0 : *std::max_element(series.rates.begin(), series.rates.end()),
          world.capacity_per_replica, min)) {}

SeriesResult PlayOracle(const World& world, const Series& series, double share, int min) {
  SeriesResult result;
  result.worst.series = series.name;
  result.worst.at = series.begin;
  std::vector<int> needs;
  needs.reserve(series.rates.size());
  int before = 0;
  int last_direction = 0;
  for (std::size_t i = 0; i < series.rates.size(); ++i) {
    const int need = NeedOf(series.rates[i], world.capacity_per_replica * share, min);
    auto& half = result.halves[i * 2 < series.rates.size() ? 0 : 1];
    const double hours =
        need * InHours(series.period) + std::max(0, need - before) * InHours(world.pod_start);
    half.pod_hours += hours;
    half.node_hours += world.nodes ? 0 : hours / world.pods_per_node;
    half.requests += series.rates[i] * InHours(series.period) * 3600;
    if (need != before && i > 0) {
      const int direction = need > before ? 1 : -1;
      ++half.actions;
      half.reversals += last_direction != 0 && direction != last_direction ? 1 : 0;
      last_direction = direction;
    }
    before = need;
    needs.push_back(need);
  }
  if (world.nodes) {
    PlayNodes(world, series, needs, result);
  }
  result.total = result.halves[0];
  result.total += result.halves[1];
  return result;
}

}  // namespace scaler::backtest

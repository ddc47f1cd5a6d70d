#include "scaler/engine/demand_levels.h"

#include <algorithm>

namespace scaler::engine {
namespace {

/// The upper one of the two neighbours whose demands differ least for their size.
std::size_t Closest(const DemandLevels& levels) {
  std::size_t closest = 0;
  double least = 0;
  for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
    const double below = levels[i + 1].demand / levels[i].demand;
    if (below > least) {
      least = below;
      closest = i;
    }
  }
  return closest;
}

}  // namespace

void RememberDemand(Time at, double demand, DemandLevels& levels) {
  while (!levels.empty() && levels.back().demand <= demand) {
    levels.pop_back();
  }
  if (demand <= 0) {
    return;  // It was never less, so that says nothing; and an idle workload's memory rests.
  }
  levels.push_back({at, demand});
  if (levels.size() > kMostDemandLevels) {
    // The higher demand with the later time: rather too much is remembered than too little.
    const auto upper = Closest(levels);
    levels[upper].at = levels[upper + 1].at;
    levels.erase(levels.begin() + static_cast<std::ptrdiff_t>(upper) + 1);
  }
}

double HighestSince(Time since, const DemandLevels& levels) {
  const auto found = std::find_if(levels.begin(), levels.end(),
                                  [&](const auto& level) { return level.at >= since; });
  return found == levels.end() ? 0 : found->demand;
}

}  // namespace scaler::engine

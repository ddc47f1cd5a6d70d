#include "scaler/engine/capacity/return_to_spot.h"

#include <algorithm>
#include <utility>

#include "scaler/engine/capacity/failed_drains.h"
#include "scaler/engine/capacity/spare.h"

namespace scaler::engine::capacity {
namespace {

std::size_t At(int index) { return static_cast<std::size_t>(index); }

/// What Shrinker would never drain is not worth a node in its place: that would go again instead.
bool MayGo(const ReturnInput& input, const NodeView& view, const std::vector<int>& in_pool) {
  const auto allowed = [&](const Load& load) {
    const auto& budget = input.world.classes[At(load.pod_class)].workload.disruptions_allowed;
    return !budget || load.pods <= *budget;
  };
  return view.usable && view.pool >= 0 && view.node->type == CapacityType::kOnDemand &&
         !view.pinned && in_pool[At(view.pool)] > input.policy.pools[At(view.pool)].min_nodes &&
         std::all_of(view.loads.begin(), view.loads.end(), allowed) &&
         !WouldFailAgain(view.node->name, input.state);
}

/// Those that may go, the emptiest first.
std::vector<int> Candidates(const ReturnInput& input, const std::vector<int>& in_pool) {
  std::vector<std::pair<int, int>> ranked;
  for (std::size_t i = 0; i < input.world.nodes.size(); ++i) {
    const auto& view = input.world.nodes[i];
    if (MayGo(input, view, in_pool)) {
      int pods = 0;
      for (const auto& load : view.loads) {
        pods += load.pods;
      }
      ranked.emplace_back(pods, static_cast<int>(i));
    }
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<int> candidates;
  for (const auto& [pods, index] : ranked) {
    candidates.push_back(index);
  }
  return candidates;
}

/// Whether all still fits, the spare too, when the node goes; `packing` is then without it.
bool GoesWithout(const ReturnInput& input, int node, Packing& packing) {
  const int bin = packing.BinOf(node);
  if (bin < 0) {
    return false;
  }
  auto without = packing;
  if (!without.PlaceAll(without.Lose(bin)).empty() ||
      !SpareHolds(input.policy, without, input.factor)) {
    return false;
  }
  packing = std::move(without);
  return true;
}

}  // namespace

void ReturnToSpot(const ReturnInput& input, Grower& grower, Packing& later) {
  int surplus = grower.Dedicated() - input.plan.dedicated_target;
  if (surplus <= 0 || !SpareHolds(input.policy, later, input.factor)) {
    return;
  }
  std::vector<int> in_pool(input.policy.pools.size(), 0);
  for (const auto& view : input.world.nodes) {
    if (view.usable && view.pool >= 0) {
      ++in_pool[At(view.pool)];
    }
  }
  auto without = later;
  int tried = 0;
  for (const int node : Candidates(input, in_pool)) {
    const auto pool = At(input.world.nodes[At(node)].pool);
    if (surplus <= 0 || tried++ >= std::max(1, input.policy.disruption.nodes_at_once)) {
      return;
    }
    if (in_pool[pool] <= input.policy.pools[pool].min_nodes) {
      continue;
    }
    if (!GoesWithout(input, node, without)) {
      const int offer = grower.SpotInstead();
      if (offer < 0) {
        grower.OrderProbes();
        return;
      }
      auto with = without;
      with.Add(offer);
      if (!GoesWithout(input, node, with)) {
        continue;  // What runs there, or its spare, may not be on spot.
      }
      grower.OrderInstead(offer, later);
      without = std::move(with);
    }
    --surplus;
    --in_pool[pool];
  }
}

}  // namespace scaler::engine::capacity

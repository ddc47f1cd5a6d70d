#include "scaler/engine/capacity/shrink.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "scaler/engine/capacity/drain_budget.h"
#include "scaler/engine/capacity/failed_drains.h"
#include "scaler/engine/capacity/spare.h"

namespace scaler::engine::capacity {
namespace {

using std::chrono::minutes;

constexpr auto kUnneededFor = minutes(3);
constexpr auto kCooldown = minutes(5);
constexpr int kMostTried = static_cast<int>(CapacityState::kMostUnneeded);

std::size_t At(int index) { return static_cast<std::size_t>(index); }

class Shrinker {
 public:
  Shrinker(const ShrinkInput& input, CapacityState& state, Notes& notes)
      : input_(input),
        state_(state),
        notes_(notes),
        ready_(input.ready),
        empty_(input.world, Packing::Which::kReady),
        moving_(input.waiting),
        in_pool_(input.policy.pools.size(), 0),
        disrupted_(input.world.classes.size(), 0),
        draining_(input.draining) {
    for (const auto& view : input_.world.nodes) {
      if (view.usable && view.pool >= 0) {
        ++in_pool_[At(view.pool)];
      }
      if (view.usable && view.node->type == CapacityType::kOnDemand) {
        ++dedicated_;
      }
      draining_ += view.node->draining && !view.node->notice_until ? 1 : 0;
    }
    drained_in_hour_ = DrainedInHour(input_.now, state_);
  }

  std::vector<Action> Run() {
    std::vector<UnneededNode> unneeded;
    if (input_.spare_holds) {
      for (const int node : Candidates()) {
        TryNode(node, unneeded);
      }
    } else {
      notes_.Clamp(Limit::kSpareBroken, {}, {}, 0);
    }
    std::sort(unneeded.begin(), unneeded.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    state_.unneeded = std::move(unneeded);
    return std::move(actions_);
  }

 private:
  /// On-demand nodes stand in for spot that is ready again.
  [[nodiscard]] bool Returns(const NodeView& view) const {
    if (!input_.plan || view.node->type != CapacityType::kOnDemand) {
      return false;
    }
    int ready = 0;
    int target = 0;
    for (const auto& place : input_.plan->places) {
      target += place.target;
    }
    for (const auto& other : input_.world.nodes) {
      ready += other.usable && other.pool >= 0 && other.node->type == CapacityType::kSpot;
    }
    return dedicated_ > input_.plan->dedicated_target && target > 0 && ready >= target;
  }

  [[nodiscard]] int SpotReady(const NodeView& view) const {
    int ready = 0;
    for (std::size_t i = 0; i < input_.world.nodes.size(); ++i) {
      const auto& other = input_.world.nodes[i];
      const int bin = ready_.BinOf(static_cast<int>(i));
      ready += other.usable && other.pool == view.pool && other.zone == view.zone &&
               !ready_.Bins()[At(bin)].gone;
    }
    return ready;
  }

  /// The limit that keeps it whatever is on it.
  [[nodiscard]] std::optional<Limit> Keeps(const NodeView& view) const {
    if (in_pool_[At(view.pool)] <= input_.policy.pools[At(view.pool)].min_nodes) {
      return Limit::kMinNodes;
    }
    if (!input_.plan) {
      return std::nullopt;
    }
    if (view.node->type == CapacityType::kOnDemand) {
      if (dedicated_ <= input_.plan->dedicated_target) {
        return Limit::kDedicatedFloor;
      }
      return std::nullopt;
    }
    for (const auto& place : input_.plan->places) {
      if (place.pool == view.node->pool && place.zone == view.node->zone &&
          SpotReady(view) <= place.target) {
        return Limit::kSpotTarget;
      }
    }
    return std::nullopt;
  }

  /// The emptiest first; among those alike, from the zone that has most.
  [[nodiscard]] std::vector<int> Candidates() {
    const auto& world = input_.world;
    std::vector<int> in_zone(world.zones.size() * (input_.policy.pools.size() + 1), 0);
    const auto zone_of = [&](const NodeView& view) {
      return At(view.pool) * world.zones.size() + At(view.zone);
    };
    std::vector<int> candidates;
    for (std::size_t i = 0; i < world.nodes.size(); ++i) {
      const auto& view = world.nodes[i];
      if (!view.usable || view.pool < 0) {
        continue;
      }
      ++in_zone[zone_of(view)];
      if (view.pinned) {
        notes_.Clamp(Limit::kUnmovable, view.node->pool, {}, 1, view.node->name);
      } else {
        candidates.push_back(static_cast<int>(i));
      }
    }
    const auto rank = [&](int index) {
      const auto& view = world.nodes[At(index)];
      const auto& bin = ready_.Bins()[At(ready_.BinOf(index))];
      const auto share = [](std::int64_t free, std::int64_t room) {
        return room > 0 ? 1 - static_cast<double>(free) / static_cast<double>(room) : 0.0;
      };
      const double used = std::max(share(bin.free.cpu_milli, bin.room.cpu_milli),
                                   share(bin.free.memory_bytes, bin.room.memory_bytes));
      return std::tuple(std::ceil(used * 4), -in_zone[zone_of(view)], used, index);
    };
    std::vector<std::pair<decltype(rank(0)), int>> ranked;
    ranked.reserve(candidates.size());
    for (const int index : candidates) {
      ranked.emplace_back(rank(index), index);
    }
    std::sort(ranked.begin(), ranked.end());
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      candidates[i] = ranked[i].second;
    }
    return candidates;
  }

  [[nodiscard]] bool BudgetsAllow(const NodeView& view) const {
    return std::all_of(view.loads.begin(), view.loads.end(), [&](const Load& load) {
      const auto& allowed = input_.world.classes[At(load.pod_class)].workload.disruptions_allowed;
      return !allowed || disrupted_[At(load.pod_class)] + load.pods <= *allowed;
    });
  }

  void TryNode(int index, std::vector<UnneededNode>& unneeded) {
    const auto& view = input_.world.nodes[At(index)];
    const auto& node = *view.node;
    if (tried_ >= kMostTried) {
      return;
    }
    if (const auto kept = Keeps(view)) {
      notes_.Clamp(*kept, node.pool, *kept == Limit::kSpotTarget ? node.zone : "", 1, node.name);
      return;
    }
    if (WouldFailAgain(node.name, state_)) {
      notes_.Clamp(Limit::kDrainFailed, node.pool, {}, 1, node.name);
      return;
    }
    ++tried_;
    if (!BudgetsAllow(view)) {
      notes_.Clamp(Limit::kUnmovable, node.pool, {}, 1, node.name);
      return;
    }
    // All that has to move is placed anew together, as the next decision will look at it.
    auto without = empty_;
    auto moving = moving_;
    const auto loads = without.Lose(empty_.BinOf(index));
    moving.insert(moving.end(), loads.begin(), loads.end());
    moving = Merged(std::move(moving));
    if (!without.PlaceAll(moving).empty()) {
      notes_.Clamp(Limit::kNoRoomElsewhere, node.pool, {}, 1, node.name);
      return;
    }
    if (!SpareHolds(input_.policy, without, input_.factor)) {
      notes_.Clamp(Limit::kSpareWouldBreak, node.pool, {}, 1, node.name);
      return;
    }
    const bool returns = Returns(view);
    const auto since = SinceOf(node.name);
    unneeded.push_back({node.name, since});
    if (const auto later = Later(returns, since)) {
      notes_.Clamp(*later, node.pool, {}, 1, node.name);
      return;
    }
    Drain(view, returns ? Reason::kReturn : Reason::kUnneeded);
    ready_ = std::move(without);
    (void)empty_.Lose(empty_.BinOf(index));
    moving_ = std::move(moving);
  }

  [[nodiscard]] Time SinceOf(const std::string& name) const {
    for (const auto& known : state_.unneeded) {
      if (known.name == name) {
        return known.since;
      }
    }
    return input_.now;
  }

  /// Why not now.
  [[nodiscard]] std::optional<Limit> Later(bool returns, Time since) const {
    const auto& budget = input_.policy.disruption;
    if (draining_ >= budget.nodes_at_once) {
      return Limit::kNodesAtOnce;
    }
    if (drained_in_hour_ >= budget.nodes_per_hour) {
      return Limit::kNodesPerHour;
    }
    if (returns) {
      return std::nullopt;  // spot.returnAfter has been waited for already.
    }
    if (state_.added_at && input_.now - *state_.added_at < kCooldown) {
      return Limit::kCooldown;
    }
    if (input_.now - since < kUnneededFor) {
      return Limit::kNotUnneededLong;
    }
    return std::nullopt;
  }

  void Drain(const NodeView& view, Reason reason) {
    Action action;
    action.kind = Action::Kind::kDrain;
    action.reason = reason;
    action.pool = view.node->pool;
    action.zone = view.node->zone;
    action.node = view.node->name;
    actions_.push_back(std::move(action));
    ++draining_;
    ++drained_in_hour_;
    --in_pool_[At(view.pool)];
    dedicated_ -= view.node->type == CapacityType::kOnDemand ? 1 : 0;
    for (const auto& load : view.loads) {
      disrupted_[At(load.pod_class)] += load.pods;
    }
    NoteDrain(input_.now, state_);
  }

  const ShrinkInput& input_;
  CapacityState& state_;
  Notes& notes_;
  Packing ready_;
  Packing empty_;             ///< The same nodes without what has to find room on them,
  std::vector<Load> moving_;  ///< which is this.
  std::vector<int> in_pool_;  ///< Ready nodes of each pool that stay.
  std::vector<int> disrupted_;
  int draining_;
  int dedicated_ = 0;
  int drained_in_hour_ = 0;
  int tried_ = 0;
  std::vector<Action> actions_;
};

}  // namespace

std::vector<Action> DrainUnneeded(const ShrinkInput& input, CapacityState& state, Notes& notes) {
  return Shrinker(input, state, notes).Run();
}

}  // namespace scaler::engine::capacity

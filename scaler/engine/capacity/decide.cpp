#include "scaler/engine/capacity/decide.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "scaler/engine/capacity/drain_budget.h"
#include "scaler/engine/capacity/failed_drains.h"
#include "scaler/engine/capacity/grow.h"
#include "scaler/engine/capacity/learn.h"
#include "scaler/engine/capacity/placeholders.h"
#include "scaler/engine/capacity/return_to_spot.h"
#include "scaler/engine/capacity/shrink.h"
#include "scaler/engine/capacity/spare.h"
#include "scaler/engine/capacity/spot.h"

namespace scaler::engine::capacity {
namespace {

constexpr int kMostRounds = 8;

std::size_t At(int index) { return static_cast<std::size_t>(index); }

Action ActionOn(const Node& node, Action::Kind kind, Reason reason) {
  Action action;
  action.kind = kind;
  action.reason = reason;
  action.pool = node.pool;
  action.zone = node.zone;
  action.node = node.name;
  return action;
}

std::vector<Load> Waiting(const World& world) {
  std::vector<Load> loads;
  for (std::size_t i = 0; i < world.classes.size(); ++i) {
    if (world.classes[i].waiting > 0) {
      loads.push_back({static_cast<int>(i), world.classes[i].waiting});
    }
  }
  return loads;
}

std::vector<Unplaced> Named(const World& world, const std::vector<Load>& loads) {
  std::vector<Unplaced> named;
  for (const auto& load : Merged(loads)) {
    named.push_back({world.classes[At(load.pod_class)].workload.name, load.pods});
  }
  return named;
}

/// From asking to ready, of the slowest place: what a schedule needs is asked for so much earlier.
Duration LeadOf(const CapacityState& state, const World& world) {
  double lead = 0;
  for (const auto& offer : world.offers) {
    lead = std::max(lead, LeadSeconds(Remembered(state, offer.offer->pool, offer.offer->zone)));
  }
  return Duration(static_cast<std::int64_t>(lead * 1000));
}

class Deciding {
 public:
  Deciding(const CapacityPolicy& policy, CapacityState& state,
           const CapacityObservation& observation, CapacityDecision& decision)
      : policy_(policy),
        state_(state),
        observation_(observation),
        decision_(decision),
        world_(Prepare(policy, state, observation)),
        factor_(SpareFactor(policy, observation.now, LeadOf(state, world_))) {}

  void Run() {
    decision_.left_out.insert(decision_.left_out.end(), world_.left_out.begin(),
                              world_.left_out.end());
    std::vector<Action> drains = DrainNoticed();
    const auto unwanted = DrainUnwanted();
    drains.insert(drains.end(), unwanted.begin(), unwanted.end());
    std::vector<Action> uncordons = TakeBackDrains();
    auto withdrawn = TakeBackWithdrawn();
    if (policy_.spot) {
      decision_.spot = PlanSpot(policy_, state_, world_, observation_.now);
    }

    Packing ready(world_, Packing::Which::kReady);
    const auto all_waiting = Waiting(world_);
    const auto waiting = ready.PlaceAll(all_waiting);
    decision_.waiting = Named(world_, waiting);
    NoteShortage(!waiting.empty(), state_);
    const auto now = CheckSpare(policy_, ready, factor_);
    auto adds = Grow(now);

    // What had to be taken back from a drain did not fit without: nothing else is drained now.
    const bool holds = uncordons.empty() && waiting.empty() &&
                       std::all_of(now.begin(), now.end(),
                                   [](const auto& check) { return check.unplaced.empty(); });
    const ShrinkInput input{
        policy_,         world_,  all_waiting, ready,
        decision_.spot,  factor_, holds,       static_cast<int>(unwanted.size()),
        observation_.now};
    auto more_drains = DrainUnneeded(input, state_, notes_);
    drains.insert(drains.end(), more_drains.begin(), more_drains.end());

    for (auto* some : {&adds, &drains, &uncordons, &withdrawn}) {
      decision_.actions.insert(decision_.actions.end(), some->begin(), some->end());
    }
    RemoveDrained();
    decision_.placeholders = PlanPlaceholders(policy_, world_, observation_.now);
    decision_.clamps = notes_.All();
  }

 private:
  /// Whoever makes them: what runs there has to move. One of ours that boots holds nothing and goes
  /// at once: it would only be paid for.
  std::vector<Action> DrainNoticed() {
    std::vector<Action> drains;
    for (const auto& view : world_.nodes) {
      const auto& node = *view.node;
      if (!node.notice_until || node.draining) {
        continue;
      }
      if (view.pool >= 0 && node.booting_since && !node.ready && view.loads.empty() &&
          !view.pinned) {
        drains.push_back(ActionOn(node, Action::Kind::kRemove, Reason::kNotice));
        continue;
      }
      auto action = ActionOn(node, Action::Kind::kDrain, Reason::kNotice);
      action.deadline = node.notice_until;
      drains.push_back(std::move(action));
    }
    return drains;
  }

  /// Whoever makes them: what runs on them needs room elsewhere from this decision on. Room that is
  /// not there is ordered: whoever wants a node empty does not ask whether it is needed.
  std::vector<Action> DrainUnwanted() {
    std::vector<Action> drains;
    auto draining = std::count_if(world_.nodes.begin(), world_.nodes.end(), [](const auto& view) {
      return view.node->draining && !view.node->notice_until;
    });
    int drained_in_hour = DrainedInHour(observation_.now, state_);
    for (auto& view : world_.nodes) {
      const auto& node = *view.node;
      if (!node.unwanted || node.draining || node.notice_until) {
        continue;
      }
      if (draining >= policy_.disruption.nodes_at_once) {
        notes_.Clamp(Limit::kNodesAtOnce, node.pool, {}, 1, node.name);
        continue;
      }
      if (drained_in_hour >= policy_.disruption.nodes_per_hour) {
        notes_.Clamp(Limit::kNodesPerHour, node.pool, {}, 1, node.name);
        continue;
      }
      if (view.pinned) {
        notes_.Clamp(Limit::kUnmovable, node.pool, {}, 1, node.name);
        continue;
      }
      ++draining;
      ++drained_in_hour;
      NoteDrain(observation_.now, state_);
      drains.push_back(ActionOn(node, Action::Kind::kDrain, Reason::kUnwanted));
      view.usable = false;
      for (const auto& load : view.loads) {
        auto& pod_class = world_.classes[At(load.pod_class)];
        const int index = static_cast<int>(&view - world_.nodes.data());
        if (node.ready) {
          pod_class.pods -= load.pods;
          pod_class.waiting += load.pods;
        }
        std::erase_if(pod_class.on, [&](const auto& on) { return on.first == index; });
      }
    }
    return drains;
  }

  /// Nodes that are being emptied and would be needed again: sooner there than any new one.
  std::vector<Action> TakeBackDrains() {
    std::vector<Action> uncordons;
    const auto situation = SituationOf(world_);
    ForgetFailedDrains(situation, observation_.now, state_);
    bool enough = false;
    for (auto& view : world_.nodes) {
      const auto& node = *view.node;
      if (!node.draining || !node.ready || node.notice_until || node.unwanted || view.pool < 0) {
        continue;
      }
      enough = enough || !Lacks();
      if (enough && !BelowMin(view.pool)) {
        continue;
      }
      view.usable = true;
      for (const auto& load : view.loads) {
        auto& pod_class = world_.classes[At(load.pod_class)];
        pod_class.waiting -= load.pods;
        pod_class.pods += load.pods;
        if (pod_class.Spread()) {
          pod_class.on.emplace_back(static_cast<int>(&view - world_.nodes.data()), load.pods);
        }
      }
      uncordons.push_back(ActionOn(node, Action::Kind::kUncordon, Reason::kNeededAgain));
      NoteFailedDrain(node.name, situation, observation_.now, state_);
      state_.added_at = observation_.now;
    }
    return uncordons;
  }

  /// Nodes that somebody else makes are emptied for a notice and a wish only. Those of our pools
  /// may be removed when they are empty, whether the notice still stands or not.
  std::vector<Action> TakeBackWithdrawn() {
    std::vector<Action> uncordons;
    for (const auto& view : world_.nodes) {
      const auto& node = *view.node;
      if (view.pool < 0 && node.draining && !node.notice_until && !node.unwanted) {
        uncordons.push_back(ActionOn(node, Action::Kind::kUncordon, Reason::kWithdrawn));
      }
    }
    return uncordons;
  }

  /// Fewer nodes of the pool than it is to have take work now: others were lost meanwhile.
  [[nodiscard]] bool BelowMin(int pool) const {
    const auto usable =
        std::count_if(world_.nodes.begin(), world_.nodes.end(),
                      [&](const auto& view) { return view.pool == pool && view.usable; });
    return usable < policy_.pools[At(pool)].min_nodes;
  }

  /// Where its place in the pool can be taken first, a node that goes by our will waits for that.
  [[nodiscard]] bool KeptForMin(const NodeView& view) const {
    const auto& pool = policy_.pools[At(view.pool)];
    return view.node->ready && !view.node->notice_until && pool.max_nodes > pool.min_nodes &&
           BelowMin(view.pool);
  }

  /// Without the nodes that are being emptied there is not enough, even once all that comes is
  /// ready.
  [[nodiscard]] bool Lacks() const {
    Packing coming(world_, Packing::Which::kReadyAndComing);
    return !coming.PlaceAll(Waiting(world_)).empty() || !SpareHolds(policy_, coming, factor_);
  }

  std::vector<Action> Grow(const std::vector<SpareCheck>& now) {
    Grower grower(policy_, state_, world_, observation_.now, decision_.spot, notes_);
    Packing later(world_, Packing::Which::kReadyAndComing);
    grower.FollowPlan(later);
    grower.KeepMinNodes(later);
    std::vector<int> for_pods;
    const auto unplaced = later.PlaceAll(Waiting(world_));
    (void)grower.Provide(unplaced, Reason::kPendingPods, later, for_pods);
    const auto ordered = RestoreSpare(grower, later);
    if (decision_.spot) {
      ReturnToSpot({policy_, state_, world_, *decision_.spot, factor_}, grower, later);
    }
    Verdicts(now, ordered, later);
    if (grower.AddedForNeed()) {
      state_.added_at = observation_.now;
    }
    return grower.Actions();
  }

  /// What each check got ordered, in the order of the checks.
  std::vector<std::vector<int>> RestoreSpare(Grower& grower, Packing& later) {
    std::vector<std::vector<int>> ordered;
    const bool ours = policy_.spare.by == Spare::By::kNodeGroups;
    for (int round = 0; round < (ours ? kMostRounds : 0); ++round) {
      const auto checks = CheckSpare(policy_, later, factor_);
      ordered.resize(checks.size());
      bool added = false;
      for (std::size_t i = 0; i < checks.size() && !added; ++i) {
        added = RestoreOne(grower, checks[i], later, ordered[i]);
      }
      if (!added) {
        break;
      }
    }
    return ordered;
  }

  static bool RestoreOne(Grower& grower, const SpareCheck& check, Packing& later,
                         std::vector<int>& ordered) {
    if (check.unplaced.empty()) {
      return false;
    }
    auto after = later;
    for (const int bin : check.lost) {
      (void)after.Lose(bin);
    }
    const auto unplaced = after.PlaceAll(check.loads);
    std::vector<int> offers;
    (void)grower.Provide(unplaced, Reason::kSpare, after, offers);
    for (const int offer : offers) {
      later.Add(offer);
    }
    ordered.insert(ordered.end(), offers.begin(), offers.end());
    return !offers.empty();
  }

  void Verdicts(const std::vector<SpareCheck>& now, const std::vector<std::vector<int>>& ordered,
                const Packing& later) {
    const auto then = CheckSpare(policy_, later, factor_);
    for (std::size_t i = 0; i < now.size(); ++i) {
      SpareVerdict verdict;
      verdict.what = now[i].what;
      verdict.holds = now[i].unplaced.empty();
      verdict.on_its_way = then[i].unplaced.empty();
      verdict.missing = Named(world_, now[i].unplaced);
      if (i < ordered.size()) {
        verdict.ordered = Counted(ordered[i]);
      }
      decision_.spare.push_back(std::move(verdict));
    }
  }

  [[nodiscard]] std::vector<PlaceNodes> Counted(std::vector<int> offers) const {
    std::sort(offers.begin(), offers.end());
    std::vector<PlaceNodes> counted;
    for (const int index : offers) {
      const auto& offer = *world_.offers[At(index)].offer;
      if (!counted.empty() && counted.back().pool == offer.pool &&
          counted.back().zone == offer.zone) {
        ++counted.back().nodes;
      } else {
        counted.push_back({offer.pool, offer.zone, 1});
      }
    }
    return counted;
  }

  void RemoveDrained() {
    for (const auto& view : world_.nodes) {
      const auto& node = *view.node;
      if (view.pool < 0 || view.usable || view.empties) {
        continue;
      }
      if (node.draining && view.loads.empty() && !view.pinned) {
        if (KeptForMin(view)) {
          notes_.Clamp(Limit::kMinNodes, node.pool, {}, 1, node.name);
          continue;
        }
        decision_.actions.push_back(ActionOn(node, Action::Kind::kRemove, Reason::kDrained));
      } else if (!node.draining && !node.notice_until && view.loads.empty() && !view.pinned &&
                 NeverCame(state_, node, observation_.now)) {
        decision_.actions.push_back(ActionOn(node, Action::Kind::kRemove, Reason::kNeverReady));
      }
    }
  }

  const CapacityPolicy& policy_;
  CapacityState& state_;
  const CapacityObservation& observation_;
  CapacityDecision& decision_;
  World world_;
  double factor_;
  Notes notes_;
};

}  // namespace

CapacityStep DecideCapacity(const CapacityPolicy& policy, CapacityState state,
                            const CapacityObservation& observation) {
  CapacityStep step;
  step.decision.at = observation.now;
  Learn(policy, observation, state);
  if (observation.frozen.empty()) {
    Deciding(policy, state, observation, step.decision).Run();
  } else {
    step.decision.clamps.push_back({Limit::kFrozen, {}, {}, {}, 0});
    step.decision.left_out.push_back({"everything", "frozen: " + observation.frozen});
  }
  step.state = std::move(state);
  return step;
}

}  // namespace scaler::engine::capacity

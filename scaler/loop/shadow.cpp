#include "scaler/loop/shadow.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "scaler/engine/guards.h"
#include "scaler/engine/limits.h"

namespace scaler::loop {
namespace {

/// In shadow a change shows so much later than the leader has made it, at most.
constexpr engine::Duration kShownWithin = std::chrono::seconds(5);

using History = std::vector<engine::TimedReplicas>;

engine::Duration Coverage(const Known& known) {
  return std::max(engine::Duration{}, known.seen - known.since);
}

/// Which of two histories of one stretch of time tells of which part of it.
class Joint {
 public:
  Joint(const Known& own, const Known& checkpoint)
      : since_(checkpoint.since), seen_(checkpoint.seen), own_began_(own.since) {}

  [[nodiscard]] bool IsOwn(engine::Time at) const { return at < since_ || at > seen_; }

  /// Without a stretch of time that neither has seen.
  [[nodiscard]] bool OwnBeganBefore() const { return own_began_ <= seen_; }

  /// In the order of time, before anything that no window would ask for is left out.
  [[nodiscard]] History Recommendations(const History& own, const History& checkpoint) const {
    History all;
    const auto add = [&](const History& from, auto holds) {
      std::copy_if(from.begin(), from.end(), std::back_inserter(all),
                   [&](const auto& entry) { return holds(entry.at); });
    };
    add(own, [&](engine::Time at) { return at < since_; });
    add(checkpoint, [&](engine::Time at) { return !IsOwn(at); });
    add(own, [&](engine::Time at) { return at > seen_; });
    return all;
  }

  /// The last changes of the checkpoint may have shown only after its end, and count once.
  [[nodiscard]] History Changes(const History& own, const History& checkpoint) const {
    const auto is_late = [&](const auto& entry) {
      return entry.at > seen_ - kShownWithin && entry.at <= seen_;
    };
    auto twice = std::count_if(checkpoint.begin(), checkpoint.end(), is_late) -
                 std::count_if(own.begin(), own.end(), is_late);
    auto all = Recommendations(own, checkpoint);
    std::erase_if(all, [&](const auto& entry) {
      return entry.at > seen_ && entry.at <= seen_ + kShownWithin && twice-- > 0;
    });
    return all;
  }

  /// What the own history says of an instant that each may know of: who begins takes it for now.
  [[nodiscard]] std::optional<engine::Time> Latest(std::optional<engine::Time> own,
                                                   std::optional<engine::Time> checkpoint) const {
    if (!checkpoint) {
      return own;
    }
    return own && *own > std::max(seen_, own_began_) ? own : checkpoint;
  }

 private:
  engine::Time since_;
  engine::Time seen_;
  engine::Time own_began_;
};

/// Of recommendations in the order of time, those that some window may still find first: `outlives`
/// says whether a later one takes the place of an earlier one.
template <typename Outlives>
History Thinned(const History& all, Outlives outlives) {
  History kept;
  for (const auto& entry : all) {
    while (!kept.empty() && outlives(entry.replicas, kept.back().replicas)) {
      kept.pop_back();
    }
    kept.push_back(entry);
  }
  return kept;
}

History Highest(const Joint& joint, const History& own, const History& checkpoint) {
  return Thinned(joint.Recommendations(own, checkpoint), std::greater_equal<>());
}

void JoinWindows(const Joint& joint, const engine::State& own, const engine::State& checkpoint,
                 engine::State& to) {
  to.highest = Highest(joint, own.highest, checkpoint.highest);
  to.lowest = Thinned(joint.Recommendations(own.lowest, checkpoint.lowest), std::less_equal<>());
  to.last_active = joint.Latest(own.last_active, checkpoint.last_active);
  if (own.hpa && checkpoint.hpa) {
    const bool goes_on = own.hpa->synced_at > checkpoint.hpa->synced_at && joint.OwnBeganBefore();
    to.hpa = goes_on ? own.hpa : checkpoint.hpa;
    to.hpa->highest = Highest(joint, own.hpa->highest, checkpoint.hpa->highest);
  } else {
    to.hpa = own.hpa ? own.hpa : checkpoint.hpa;
  }
}

void JoinChanges(const Joint& joint, const engine::State& own, const engine::State& checkpoint,
                 engine::State& to) {
  to.scaled_up = joint.Changes(own.scaled_up, checkpoint.scaled_up);
  to.scaled_down = joint.Changes(own.scaled_down, checkpoint.scaled_down);
  to.reversals = joint.Changes(own.reversals, checkpoint.reversals);
  if (to.reversals.size() > engine::kMostReversals) {
    to.reversals.erase(to.reversals.begin(), to.reversals.end() - engine::kMostReversals);
  }
  to.raised = joint.Latest(own.raised, checkpoint.raised);
  // A change of direction upwards is in the one, downwards in the other.
  const bool turned = (own.raised && joint.IsOwn(*own.raised)) ||
                      std::any_of(own.reversals.begin(), own.reversals.end(),
                                  [&](const auto& reversal) { return joint.IsOwn(reversal.at); });
  to.last_direction =
      turned || checkpoint.last_direction == 0 ? own.last_direction : checkpoint.last_direction;
}

}  // namespace

ChangesMade::ChangesMade(const engine::State& state)
    : scaled_up_(state.scaled_up),
      scaled_down_(state.scaled_down),
      reversals_(state.reversals),
      last_direction_(state.last_direction),
      raised_(state.raised) {}

void ChangesMade::PutBack(engine::State& state) const {
  state.scaled_up = scaled_up_;
  state.scaled_down = scaled_down_;
  state.reversals = reversals_;
  state.last_direction = last_direction_;
  state.raised = raised_;
}

void LearnChange(const engine::Policy& policy, engine::Time now, int from, int to,
                 engine::State& state) {
  if (policy.mode == engine::Mode::kActive && from != to) {
    engine::RememberChange(policy.behavior, now, from, to, state);
    engine::RememberDirection(now, from, to, state);
  }
}

void TakeLearnt(const engine::State& from, engine::State& to) {
  to.memory = from.memory;
  to.demand = from.demand;
  to.capacity = from.capacity;
  to.gaps = from.gaps;
}

Known Together(const Known& own, const Known& checkpoint) {
  const Joint joint(own, checkpoint);
  const bool own_learnt_more = own.learns_on || Coverage(own) >= Coverage(checkpoint);
  const auto& learnt = own_learnt_more ? own : checkpoint;
  const auto& other = own_learnt_more ? checkpoint : own;
  Known known;
  known.since = std::min(own.since, checkpoint.since);
  known.seen = std::max(own.seen, checkpoint.seen);
  known.lead = learnt.lead ? learnt.lead : other.lead;
  known.learns_on = own.learns_on;
  TakeLearnt(learnt.state, known.state);
  known.state.serving = learnt.state.serving;
  JoinWindows(joint, own.state, checkpoint.state, known.state);
  JoinChanges(joint, own.state, checkpoint.state, known.state);
  return known;
}

engine::Time LatestTime(const engine::State& state) {
  auto latest = state.last_active.value_or(engine::Time{});
  for (const auto* history :
       {&state.highest, &state.lowest, &state.scaled_up, &state.scaled_down}) {
    for (const auto& entry : *history) {
      latest = std::max(latest, entry.at);
    }
  }
  return latest;
}

}  // namespace scaler::loop

#include "scaler/loop/shadow.h"

#include <algorithm>
#include <utility>

#include "scaler/engine/guards.h"
#include "scaler/engine/limits.h"

namespace scaler::loop {
namespace {

/// As far as windows of minutes look back: flapping is judged over ten.
constexpr engine::Duration kWindows = std::chrono::minutes(10);

/// For how much of the last minutes nothing was seen.
engine::Duration Blind(const Known& known, engine::Time now) {
  const auto from = now - kWindows;
  if (known.seen <= from || known.seen < known.since) {
    return kWindows;
  }
  return std::max(engine::Duration{}, known.since - from) +
         std::max(engine::Duration{}, now - known.seen);
}

void TakeLearned(const engine::State& from, engine::State& to) {
  to.memory = from.memory;
  to.demand = from.demand;
  to.capacity = from.capacity;
  to.gaps = from.gaps;
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

Known Better(const Known& own, const Known& checkpoint, engine::Time now) {
  const bool windows = Blind(checkpoint, now) < Blind(own, now);
  Known better = windows ? checkpoint : own;
  const auto& older = checkpoint.since < own.since ? checkpoint : own;
  TakeLearned(older.state, better.state);
  better.since = older.since;
  return better;
}

engine::Time LatestTime(const engine::State& state) {
  engine::Time latest{};
  for (const auto* history :
       {&state.highest, &state.lowest, &state.scaled_up, &state.scaled_down}) {
    latest = history->empty() ? latest : std::max(latest, history->back().at);
  }
  return std::max(latest, state.last_active.value_or(latest));
}

}  // namespace scaler::loop

#include "scaler/kubernetes/leadership/at_rest.h"

#include <vector>

namespace scaler::kubernetes::leadership {
namespace {

constexpr engine::Time kMoves{};

/// Longer than an HPA's period and the time between two decisions.
constexpr auto kJustLooked = std::chrono::seconds(30);

/// Of recommendations in the order of time only the last one can be of the last decision.
void Mark(engine::Time from, engine::Time to, std::vector<engine::TimedReplicas>& history) {
  if (!history.empty() && history.back().at == from) {
    history.back().at = to;
  }
}

}  // namespace

engine::State AtRest(engine::State state, engine::Time seen) {
  Mark(seen, kMoves, state.highest);
  Mark(seen, kMoves, state.lowest);
  if (state.last_active == seen) {
    state.last_active = kMoves;
  }
  if (state.hpa && seen - state.hpa->synced_at < kJustLooked) {
    Mark(state.hpa->synced_at, kMoves, state.hpa->highest);
    state.hpa->synced_at = kMoves;
  }
  return state;
}

void MoveOn(engine::Time seen, engine::State& state) {
  Mark(kMoves, seen, state.highest);
  Mark(kMoves, seen, state.lowest);
  if (state.last_active == kMoves) {
    state.last_active = seen;
  }
  if (state.hpa && state.hpa->synced_at == kMoves) {
    Mark(kMoves, seen, state.hpa->highest);
    state.hpa->synced_at = seen;
  }
}

codec::CapacityMemory AtRest(codec::CapacityMemory memory) {
  memory.state.seen_until.reset();
  memory.state.watched = {};
  memory.state.short_of_nodes = {};
  for (auto& place : memory.state.places) {
    place.exposure = {};
  }
  return memory;
}

}  // namespace scaler::kubernetes::leadership

#include <utility>

#include "scaler/engine/capacity/drain_budget.h"
#include "scaler/fleet/fleet.h"

// What one scaler of a cluster hands to the next of its nodes.
namespace scaler::fleet {
namespace {

/// From a decision to its mark on the node.
constexpr auto kDoneWithin = std::chrono::seconds(1);

}  // namespace

void Fleet::Adopt(codec::CapacityMemory memory) {
  const auto theirs = memory.state.seen_until;
  if (!theirs || (memory_.state.seen_until && *theirs <= *memory_.state.seen_until)) {
    return;
  }
  const auto policy = std::move(memory_.policy);
  memory_ = std::move(memory);
  memory_.policy = policy;
  adopted_ = theirs;
  touched_ = true;
  wake_();
}

/// Of a leader that died before it could write them down. By notice is not by our will.
void Fleet::LearnDrains(const signals::TimeMap& time) {
  if (const auto until = std::exchange(adopted_, std::nullopt)) {
    for (const auto& node : hosts_.nodes) {
      const auto since = node.drain ? time.At(node.drain->since) : *until;
      if (since > *until + kDoneWithin && !node.drain->deadline) {
        engine::capacity::NoteDrain(since, memory_.state);
      }
    }
  }
}

}  // namespace scaler::fleet

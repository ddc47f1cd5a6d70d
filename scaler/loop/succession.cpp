#include <algorithm>
#include <utility>

#include "scaler/loop/loop.h"

// What one scaler hands to the next.
namespace scaler::loop {

void Loop::Adopt(Legacy legacy) {
  auto now = clock_->Now().engine_now;
  auto latest = now;
  for (const auto& [workload, known] : legacy.workloads) {
    latest = std::max({latest, LatestTime(known.state), known.seen});
  }
  if (legacy.nodes) {
    latest = std::max(latest, legacy.nodes->state.seen_until.value_or(latest));
  }
  if (latest > now) {
    clock_.emplace(executor_, latest);  // Another machine's clock is ahead of ours.
    now = latest;
  }
  for (auto& [workload, known] : legacy.workloads) {
    auto& entry = *memories_.try_emplace(workload).first;
    auto& memory = entry.second;
    auto joint =
        memory.known_since
            ? Together({std::move(memory.state), *memory.known_since, now, memory.lead.Measured()},
                       known)
            : std::move(known);
    memory.state = std::move(joint.state);
    memory.known_since = joint.since;
    if (joint.lead) {
      memory.lead.Take(*joint.lead);
    }
    unsaved_.Add(entry, now);
  }
  if (legacy.nodes && fleet_ != nullptr) {
    fleet_->Adopt(std::move(*legacy.nodes));
  }
  Soon();
}

void Loop::ForEachKnown(
    const std::function<void(const std::string& workload, const KnownView& known)>& visit) const {
  if (!clock_) {
    return;
  }
  const auto now = clock_->Now().engine_now;
  for (const auto& [workload, memory] : memories_) {
    if (memory.known_since) {
      visit(workload, {.state = memory.state,
                       .since = *memory.known_since,
                       .seen = memory.decision ? memory.decision->at : now,
                       .lead = memory.lead.Measured()});
    }
  }
}

}  // namespace scaler::loop

#include <algorithm>
#include <utility>

#include "scaler/loop/loop.h"

// What one scaler hands to the next.
namespace scaler::loop {

void Loop::Adopt(Legacy legacy) {
  engine::Time latest{};
  for (const auto& [workload, known] : legacy.workloads) {
    latest = std::max({latest, LatestTime(known.state), known.seen});
  }
  if (legacy.nodes) {
    latest = std::max(latest, legacy.nodes->state.seen_until.value_or(latest));
  }
  clock_->NotBefore(latest);  // Another machine's clock may be ahead of ours.
  const auto now = clock_->Now().engine_now;
  for (auto& [workload, known] : legacy.workloads) {
    auto& entry = *memories_.try_emplace(workload).first;
    auto& memory = entry.second;
    auto joint = memory.known_since ? Together({std::move(memory.state), *memory.known_since, now,
                                                memory.lead.Measured(), memory.learns_on},
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

void Loop::Follow(const std::map<std::string, Known>& leaders) {
  engine::Time latest{};
  for (const auto& [workload, known] : leaders) {
    latest = std::max({latest, LatestTime(known.state), known.seen});
  }
  clock_->NotBefore(latest);
  const auto now = clock_->Now().engine_now;
  for (const auto& [workload, known] : leaders) {
    const auto found = memories_.find(workload);
    if (found == memories_.end() || !found->second.known_since) {
      continue;  // It is not known here yet, or not any more there.
    }
    auto& memory = found->second;
    TakeLearnt(known.state, memory.state);
    if (known.lead) {
      memory.lead.Take(*known.lead);
    }
    memory.learns_on = true;
    unsaved_.Add(*found, now);
  }
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

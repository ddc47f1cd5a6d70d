#include <algorithm>
#include <utility>

#include "scaler/loop/loop.h"

// What one scaler hands to the next.
namespace scaler::loop {

void Loop::Adopt(std::map<std::string, Known> checkpoint) {
  auto now = clock_->Now().engine_now;
  auto latest = now;
  for (const auto& [workload, known] : checkpoint) {
    latest = std::max({latest, LatestTime(known.state), known.seen});
  }
  if (latest > now) {
    clock_.emplace(executor_, latest);  // Another machine's clock is ahead of ours.
    now = latest;
  }
  for (auto& [workload, known] : checkpoint) {
    auto& entry = *memories_.try_emplace(workload).first;
    auto& memory = entry.second;
    auto better = memory.known_since
                      ? Better({std::move(memory.state), *memory.known_since, now}, known, now)
                      : std::move(known);
    memory.state = std::move(better.state);
    memory.known_since = better.since;
    unsaved_.Add(entry, now);
  }
  Soon();
}

void Loop::ForEachKnown(
    const std::function<void(const std::string&, const engine::State&, engine::Time since,
                             engine::Time seen)>& visit) const {
  if (!clock_) {
    return;
  }
  const auto now = clock_->Now().engine_now;
  for (const auto& [workload, memory] : memories_) {
    if (memory.known_since) {
      visit(workload, memory.state, *memory.known_since,
            memory.decision ? memory.decision->at : now);
    }
  }
}

}  // namespace scaler::loop

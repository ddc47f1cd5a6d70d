#include "agent/collect/oom_ledger.h"

#include <algorithm>
#include <utility>

namespace agent::collect {

using common::lifecycle::EndReason;

void OomLedger::BeginAnew() {
  for (const auto& [workload, kills] : Totals()) {
    floor_[workload] = kills;
  }
  running_.clear();
  ended_.clear();
  extra_.clear();
}

void OomLedger::Observe(const runtime::RunningContainer& container, std::uint64_t kills) {
  auto& seen = running_[container.id];
  seen.workload = container.workload;
  // Never back: a cgroup that was made anew under the same name starts at 0.
  seen.kills = std::max(seen.kills, kills);
}

void OomLedger::End(const runtime::EndedContainer& container) {
  std::uint64_t kills = container.reason == EndReason::kOomKilled ? container.count : 0;
  if (const auto found = running_.find(container.id); found != running_.end()) {
    kills = std::max(kills, found->second.kills);
    running_.erase(found);
  }
  if (kills > 0) {
    ended_[container.workload] += kills;
  }
}

OomKills OomLedger::Counted() const {
  auto counted = ended_;
  for (const auto& [id, seen] : running_) {
    if (seen.kills > 0) {
      counted[seen.workload] += seen.kills;
    }
  }
  return counted;
}

OomKills OomLedger::Totals() {
  auto totals = Counted();
  for (const auto& [workload, kills] : std::exchange(floor_, {})) {
    const auto counted = totals[workload];
    if (kills > counted) {
      extra_[workload] = kills - counted;
    }
  }
  for (const auto& [workload, kills] : extra_) {
    totals[workload] += kills;
  }
  return totals;
}

}  // namespace agent::collect

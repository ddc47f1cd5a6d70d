#pragma once

#include <optional>
#include <set>
#include <string>

#include "scaler/engine/observation.h"
#include "scaler/engine/state.h"
#include "scaler/loop/workload_memory.h"
#include "scaler/signals/signals.h"

namespace scaler::loop {

/// Who of a pair has the traffic, from what arrives at each. One has it from its first request on,
/// until nothing arrives while the other is asked. A break of less than half a minute, as a little
/// traffic has many, is none: it goes on serving since then.
void FollowTraffic(double arrivals, double arrivals_of_peer, engine::Time now,
                   std::optional<engine::Serving>& serving);

/// The same for every pair among `memories`: call it once a cycle, before anything is decided.
/// Returns whose state has changed.
[[nodiscard]] std::set<std::string> FollowTraffic(WorkloadMemories& memories,
                                                  const signals::Signals& signals,
                                                  const signals::TimeMap& time);

/// Tells the workload of `memory` what its peer does, or why nobody knows.
void ObservePeer(const WorkloadMemory& memory, const WorkloadMemories& memories,
                 const signals::Signals& signals, const signals::TimeMap& time,
                 engine::Observation& observation);

}  // namespace scaler::loop

#pragma once

#include <vector>

#include "scaler/codec/capacity_memory.h"
#include "scaler/engine/capacity/observation.h"
#include "scaler/engine/capacity/policy.h"
#include "scaler/fleet/status.h"
#include "scaler/platform/node_platform.h"
#include "scaler/signals/signals.h"

namespace scaler::fleet {

/// What nodes are followed by.
struct Followed {
  const engine::capacity::CapacityPolicy& policy;
  const platform::ProviderView& provider;
  const platform::HostView& hosts;
  const platform::HostedPods& pods_before;  ///< As they were at the last look.
  const std::vector<platform::NodeNotice>& notices;
  const signals::TimeMap& time;
};

/// Takes what has happened to nodes and orders into the memory and the counters, and appends it to
/// the events. Each step of a node counts once, over restarts too.
void Follow(const Followed& seen, codec::CapacityMemory& memory, FleetCounters& counters,
            std::vector<engine::capacity::Event>& events);

/// The order came to nothing: `why` is what the provider said. `at` is the event's.
void GiveUp(const codec::OpenOrder& order, engine::capacity::Event::Kind why, engine::Time at,
            FleetCounters& counters, std::vector<engine::capacity::Event>& events);

}  // namespace scaler::fleet

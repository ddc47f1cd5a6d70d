#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaler/codec/capacity_memory.h"
#include "scaler/engine/capacity/observation.h"
#include "scaler/engine/capacity/policy.h"
#include "scaler/platform/node_platform.h"
#include "scaler/signals/signals.h"

namespace scaler::fleet {

/// What the same cycle has decided for a workload.
struct Asked {
  platform::WorkloadId id;
  int replicas = 0;
  engine::Placement placement;
};

/// Everything that an observation of the nodes is made of.
struct Seen {
  const engine::capacity::CapacityPolicy& policy;
  const codec::CapacityMemory& memory;
  const platform::ProviderView& provider;
  const platform::HostView& hosts;
  const std::vector<Asked>& asked;
  const std::vector<platform::NodeNotice>& notices;
  const signals::TimeMap& time;
};

/// The name that the provider has for the pool: what its `local` key says, else its own.
[[nodiscard]] const std::string& GroupOf(const engine::capacity::Pool& pool);

/// The policy's name for the provider's pool; empty: the policy has none.
[[nodiscard]] std::string PoolOf(const engine::capacity::CapacityPolicy& policy,
                                 const std::string& group);

/// What the agents tell, as platforms have it.
[[nodiscard]] std::vector<platform::NodeNotice> NoticesOf(
    const std::vector<signals::NodeNotice>& told);

/// When the node goes by its notice; empty: nobody says so.
[[nodiscard]] std::optional<common::MonotonicTime> DeadlineOf(
    const std::vector<platform::NodeNotice>& notices, const std::string& node);

/// The nodes with what runs on them, and what was just asked for as pending pods. Without events
/// and reasons for a freeze.
[[nodiscard]] engine::capacity::CapacityObservation Observe(const Seen& seen);

}  // namespace scaler::fleet

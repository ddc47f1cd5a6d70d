#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "agent/collect/snapshot.h"
#include "common/clock.h"

namespace agent::exposition {

/// What the operator says of this node. Empty: not said.
struct AgentInfo {
  std::string node;  ///< The agent's name among the contributors of signals.
  std::string zone = {};
  std::string capacity_type = {};
  std::string instance_type = {};
  std::string pool = {};

  friend bool operator==(const AgentInfo&, const AgentInfo&) = default;
};

using FamilyList = std::vector<prometheus::MetricFamily>;

/// Everything in `snapshot` as metric families. `now` is for ages. Pure.
///
/// Every known label value is there from 0: each restart reason of each declared workload, each
/// registered tenant.
[[nodiscard]] FamilyList ToFamilies(const collect::Snapshot& snapshot, const AgentInfo& info,
                                    common::MonotonicTime now);

}  // namespace agent::exposition

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scaler/engine/group.h"
#include "scaler/engine/policy.h"

namespace scaler::loop {

/// One group whose cap a workload shares.
struct GroupMembership {
  std::shared_ptr<const engine::ScalingGroup> group;  ///< Never null.
  std::string sharer;  ///< Between whom the cap is shared: the tenant, or the workload.
  int priority = 0;    ///< A higher one is served before all lower ones.
};

/// A policy as it applies to one workload, and whose requests count for it.
struct Governed {
  /// Never null. That of the set of policies, where nothing is different for this workload.
  std::shared_ptr<const engine::Policy> policy;
  std::string tenant;
  std::string peer;                     ///< The other colour, "namespace/name"; empty: none.
  std::vector<GroupMembership> groups;  ///< By name.
};

}  // namespace scaler::loop

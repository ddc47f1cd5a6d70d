#pragma once

#include <string>
#include <vector>

#include "scaler/policy/capacity_policy.h"
#include "scaler/policy/scaling_group.h"
#include "scaler/policy/scaling_policy.h"

namespace scaler::policy {

/// What a file says, each kind in the order of the file.
struct Documents {
  std::vector<ScalingPolicy> policies;
  std::vector<ScalingGroup> groups;
  std::vector<CapacityPolicy> capacity;

  [[nodiscard]] bool Empty() const {
    return policies.empty() && groups.empty() && capacity.empty();
  }
};

/// What a document is called where it must be the only one of its name: "local/shops" for a
/// ScalingPolicy, "ScalingGroup starter" for the others, which belong to no namespace.
[[nodiscard]] std::string TitleOf(const ScalingPolicy& policy);
[[nodiscard]] std::string TitleOf(const ScalingGroup& group);
[[nodiscard]] std::string TitleOf(const CapacityPolicy& policy);

}  // namespace scaler::policy

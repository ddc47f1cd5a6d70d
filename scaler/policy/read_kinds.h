#pragma once

#include "common/yaml/value.h"
#include "scaler/policy/capacity_policy.h"
#include "scaler/policy/scaling_group.h"
#include "scaler/policy/scaling_policy.h"

namespace scaler::policy {

/// Each reads metadata and spec of a document of its kind; whoever calls it has read the rest, and
/// says where it stands. What is wrong goes to the Problems of `document`.
[[nodiscard]] ScalingPolicy ReadPolicy(common::yaml::Map& document);
[[nodiscard]] ScalingGroup ReadGroup(common::yaml::Map& document);
[[nodiscard]] CapacityPolicy ReadCapacity(common::yaml::Map& document);

}  // namespace scaler::policy

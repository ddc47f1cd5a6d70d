#pragma once

#include <string>

#include "common/yaml/value.h"
#include "scaler/policy/capacity_policy.h"
#include "scaler/policy/scaling_group.h"
#include "scaler/policy/scaling_policy.h"

namespace scaler::policy {

/// Each reads metadata and spec of a document of its kind; whoever calls it has read the rest, and
/// says where it stands. What is wrong goes to the Problems of `document`.
/// `name_space` is that of a policy that names none; empty: it has to.
[[nodiscard]] ScalingPolicy ReadPolicy(common::yaml::Map& document, const std::string& name_space);
[[nodiscard]] ScalingGroup ReadGroup(common::yaml::Map& document);
[[nodiscard]] CapacityPolicy ReadCapacity(common::yaml::Map& document);

}  // namespace scaler::policy

#pragma once

#include "scaler/policy/document/node.h"
#include "scaler/policy/documents.h"

namespace scaler::policy {

/// The document that reads back as the same policy, group or capacity policy; with every value
/// that is not the default of the profile that fits best.
[[nodiscard]] document::Node Write(const ScalingPolicy& policy);
[[nodiscard]] document::Node Write(const ScalingGroup& group);
[[nodiscard]] document::Node Write(const CapacityPolicy& policy);

}  // namespace scaler::policy

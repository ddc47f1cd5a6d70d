#include "scaler/policy/documents.h"

namespace scaler::policy {

std::string TitleOf(const ScalingPolicy& policy) { return FullName(policy); }

std::string TitleOf(const ScalingGroup& group) { return "ScalingGroup " + group.name; }

std::string TitleOf(const CapacityPolicy& policy) { return "CapacityPolicy " + policy.terms.name; }

}  // namespace scaler::policy

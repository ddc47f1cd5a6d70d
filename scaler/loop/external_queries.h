#pragma once

#include <string>
#include <string_view>

#include "scaler/engine/policy.h"
#include "scaler/platform/platform.h"

namespace scaler::loop {

/// The query for one workload: $tenant, $namespace and $workload stand for what it is, escaped as
/// within a string of PromQL ("..."), so that no label's value can end the string. Any other $
/// stays.
[[nodiscard]] std::string ExpandQuery(std::string_view query, const platform::WorkloadId& workload,
                                      std::string_view tenant);

/// The same for every query of a policy.
void ExpandQueries(const platform::WorkloadId& workload, std::string_view tenant,
                   engine::Policy& policy);

}  // namespace scaler::loop

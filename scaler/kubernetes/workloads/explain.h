#pragma once

#include <string>

#include "scaler/platform/platform.h"

namespace scaler::kubernetes::workloads {

/// Why the workload is not as it should be: what its controller says, else why some of its replicas
/// wait; empty where all is well.
[[nodiscard]] std::string ProblemOf(const std::string& of_controller,
                                    const platform::Workload& workload);

}  // namespace scaler::kubernetes::workloads

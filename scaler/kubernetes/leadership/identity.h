#pragma once

#include <string>

namespace scaler::kubernetes::leadership {

/// Who this process is in an election: the pod's name (which is the host's) and its uid from
/// POD_UID; without that something random, so that no two processes have the same. Call it before
/// there are threads.
[[nodiscard]] std::string OwnIdentity();

}  // namespace scaler::kubernetes::leadership

#include "scaler/platform/platform.h"

namespace scaler::platform {

std::string ToString(const WorkloadId& id) { return id.name_space + "/" + id.name; }

}  // namespace scaler::platform

#pragma once

#include <string>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "scaler/fleet/status.h"
#include "scaler/ledger/ledger.h"

namespace scaler::web {

/// The JSON of /api/v1/capacity: pools, nodes, the spare, spot, what waits, the last change.
[[nodiscard]] std::string CapacityJson(const fleet::FleetStatus& status);

/// The JSON of /api/v1/capacity/decisions.
[[nodiscard]] std::string CapacityDecisionsJson(const std::vector<ledger::CapacityEntry>& entries);

}  // namespace scaler::web

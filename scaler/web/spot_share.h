#pragma once

#include "scaler/fleet/status.h"

namespace scaler::web {

/// Of the ready nodes that may be spot, so much is: those that have to be on-demand are left out.
/// The status has a decision with a plan for spot, and its observation.
[[nodiscard]] double SpotShareOf(const fleet::FleetStatus& status);

}  // namespace scaler::web

#pragma once

#include "scaler/engine/capacity/decision.h"

namespace scaler::fleet {

/// Whether people would call it the same decision.
[[nodiscard]] bool SameDecision(const engine::capacity::CapacityDecision& left,
                                const engine::capacity::CapacityDecision& right);

}  // namespace scaler::fleet

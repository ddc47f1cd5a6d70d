#pragma once

#include "scaler/engine/observation.h"
#include "scaler/loop/governed.h"
#include "scaler/platform/platform.h"
#include "scaler/signals/signals.h"

namespace scaler::loop {

/// Puts together what is known of one workload now. Reads only; asks only for what the policy
/// looks at.
[[nodiscard]] engine::Observation Observe(const platform::Workload& workload,
                                          const Governed& governed, const signals::Signals& signals,
                                          const signals::TimeMap& time);

}  // namespace scaler::loop

#pragma once

#include <string>

#include "scaler/engine/observation.h"
#include "scaler/engine/policy.h"
#include "scaler/platform/platform.h"
#include "scaler/signals/signals.h"

namespace scaler::loop {

/// A policy as it applies to one workload, and whose requests count for it.
struct Governed {
  engine::Policy policy;
  std::string tenant;

  friend bool operator==(const Governed&, const Governed&) = default;
};

/// Puts together what is known of one workload now. Reads only; asks only for what the policy
/// looks at.
[[nodiscard]] engine::Observation Observe(const platform::Workload& workload,
                                          const Governed& governed, const signals::Signals& signals,
                                          const signals::TimeMap& time);

}  // namespace scaler::loop

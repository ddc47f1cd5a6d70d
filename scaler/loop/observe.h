#pragma once

#include "scaler/engine/observation.h"
#include "scaler/loop/governed.h"
#include "scaler/platform/platform.h"
#include "scaler/signals/external_signals.h"
#include "scaler/signals/signals.h"

namespace scaler::loop {

/// Who is asked for what the engine wants to know.
struct Sources {
  const signals::Signals& agents;
  const signals::ExternalSignals* external = nullptr;  ///< Null: there is no Prometheus.
};

/// Puts together what is known of one workload now. Reads only; asks only for what the policy
/// looks at.
[[nodiscard]] engine::Observation Observe(const platform::Workload& workload,
                                          const Governed& governed, const Sources& sources,
                                          const signals::TimeMap& time);

}  // namespace scaler::loop

#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "scaler/fleet/status.h"

namespace scaler::web {

/// What is told of nodes, as docs/capacity.md lists it. Without a policy: the counters alone.
[[nodiscard]] std::vector<prometheus::MetricFamily> CapacityFamilies(
    const fleet::FleetStatus& status);

}  // namespace scaler::web

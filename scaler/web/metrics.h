#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "common/clock.h"
#include "scaler/loop/status.h"

namespace scaler::web {

/// The scaler's own metrics; `now` is what ages are counted from.
[[nodiscard]] std::vector<prometheus::MetricFamily> ScalerFamilies(const loop::Status& status,
                                                                   common::MonotonicTime now);

}  // namespace scaler::web

#pragma once

#include <prometheus/metric_family.h>

#include <functional>
#include <vector>

#include "exporters/http_handler.h"

namespace exporters {

/// What the page shows, asked for anew on each scrape; called on a thread of the server.
using FamilySource = std::function<std::vector<prometheus::MetricFamily>()>;

/// The families in Prometheus's text format 0.0.4.
[[nodiscard]] HttpResponse RenderMetrics(const std::vector<prometheus::MetricFamily>& families);

/// A handler for "/metrics".
[[nodiscard]] HttpHandler MetricsPage(FamilySource source);

}  // namespace exporters

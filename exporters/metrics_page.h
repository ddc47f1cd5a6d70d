#pragma once

#include <prometheus/metric_family.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "exporters/http_handler.h"

namespace exporters {

/// What the page shows, asked for anew on each scrape; called on a thread of the server.
using FamilySource = std::function<std::vector<prometheus::MetricFamily>()>;

/// The families in Prometheus's text format 0.0.4.
[[nodiscard]] HttpResponse RenderMetrics(const std::vector<prometheus::MetricFamily>& families);

/// A handler for "/metrics".
[[nodiscard]] HttpHandler MetricsPage(FamilySource source);

/// Where families go one by one. A large one may come in parts, one after the other.
using FamilySink = std::function<void(prometheus::MetricFamily part)>;

/// The same page out of families that come one by one: the series of ten thousand workloads take
/// ten times the room of their text.
class MetricsText {
 public:
  void Add(prometheus::MetricFamily part);
  [[nodiscard]] std::string Take() { return std::move(text_); }

 private:
  std::string text_;
  std::string last_;  ///< The family of the last part.
};

/// What the page shows, told anew on each scrape; called on a thread of the server.
using FamilyStream = std::function<void(const FamilySink& sink)>;

/// A handler for "/metrics" that never holds more than a part of the families.
[[nodiscard]] HttpHandler StreamedMetricsPage(FamilyStream stream);

}  // namespace exporters

#include "exporters/metrics_page.h"

#include <prometheus/text_serializer.h>

#include <utility>

namespace exporters {

HttpResponse RenderMetrics(const std::vector<prometheus::MetricFamily>& families) {
  return {.status = 200,
          .content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = prometheus::TextSerializer().Serialize(families)};
}

HttpHandler MetricsPage(FamilySource source) {
  return [source = std::move(source)](const HttpRequest&) { return RenderMetrics(source()); };
}

}  // namespace exporters

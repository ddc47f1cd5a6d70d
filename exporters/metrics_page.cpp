#include "exporters/metrics_page.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace exporters {

namespace {

HttpResponse Page(std::string text) {
  return {.status = 200,
          .content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = std::move(text)};
}

}  // namespace

HttpResponse RenderMetrics(const std::vector<prometheus::MetricFamily>& families) {
  return Page(prometheus::TextSerializer().Serialize(families));
}

HttpHandler MetricsPage(FamilySource source) {
  return [source = std::move(source)](const HttpRequest&) { return RenderMetrics(source()); };
}

void MetricsText::Add(prometheus::MetricFamily part) {
  const bool goes_on = part.name == last_;
  last_ = part.name;
  std::vector<prometheus::MetricFamily> alone;
  alone.push_back(std::move(part));
  const auto serialized = prometheus::TextSerializer().Serialize(alone);
  std::string_view text = serialized;
  while (goes_on && text.starts_with('#')) {  // The head has been told.
    text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
  }
  text_ += text;
}

HttpHandler StreamedMetricsPage(FamilyStream stream) {
  return [stream = std::move(stream)](const HttpRequest&) {
    MetricsText text;
    stream([&](prometheus::MetricFamily part) { text.Add(std::move(part)); });
    return Page(text.Take());
  };
}

}  // namespace exporters

#include "exporters/metrics_page.h"

#include <gtest/gtest.h>

namespace exporters {
namespace {

TEST(MetricsPage, IsTextOfVersion004) {
  prometheus::MetricFamily family;
  family.name = "shop_things_total";
  family.help = "Things.";
  family.type = prometheus::MetricType::Counter;
  family.metric.resize(1);
  family.metric[0].label = {{"shop", "a \"quoted\" name"}};
  family.metric[0].counter.value = 3;
  const auto page = MetricsPage([&] { return std::vector{family}; });

  const auto response = page({});

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(response.body,
            "# HELP shop_things_total Things.\n# TYPE shop_things_total counter\n"
            "shop_things_total{shop=\"a \\\"quoted\\\" name\"} 3\n");
}

prometheus::MetricFamily Part(const std::string& name, double value) {
  prometheus::MetricFamily family;
  family.name = name;
  family.help = "Things of " + name + ".";
  family.type = prometheus::MetricType::Gauge;
  family.metric.resize(1);
  family.metric[0].label = {{"value", std::to_string(value)}};
  family.metric[0].gauge.value = value;
  return family;
}

TEST(StreamedMetricsPage, IsTheSameHoweverFamiliesAreCutIntoParts) {
  auto whole = Part("large", 1);
  whole.metric.push_back(Part("large", 2).metric[0]);
  whole.metric.push_back(Part("large", 3).metric[0]);
  prometheus::MetricFamily empty = Part("empty", 0);
  empty.metric.clear();
  const auto page = StreamedMetricsPage([&](const FamilySink& sink) {
    sink(empty);
    for (const double value : {1, 2, 3}) {
      sink(Part("large", value));
    }
    auto rest = whole;
    rest.metric.clear();
    sink(rest);
    sink(Part("next", 4));
  });
  EXPECT_EQ(page({}).body, RenderMetrics({empty, whole, Part("next", 4)}).body);
}

}  // namespace
}  // namespace exporters

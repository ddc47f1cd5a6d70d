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

}  // namespace
}  // namespace exporters

#include "scaler/signals/latency_window.h"

#include <gtest/gtest.h>

namespace scaler::signals {
namespace {

using common::signal::LatencyCounts;
using std::chrono::seconds;

TEST(LatencyWindow, ForgetsWhatIsLongerAgoThanHalfAMinute) {
  LatencyWindow window;
  common::MonotonicTime now{seconds(1000)};
  LatencyCounts total{};
  window.Add(now, total);
  EXPECT_EQ(window.Counts(), std::nullopt);
  total[3] = 50;
  window.Add(now += seconds(1), total);
  EXPECT_EQ(window.Counts(), total);
  for (int second = 0; second < 40; ++second) {
    total[1] += 2;
    window.Add(now += seconds(1), total);
  }
  ASSERT_TRUE(window.Counts());
  EXPECT_EQ((*window.Counts())[3], 0U);
  EXPECT_GE((*window.Counts())[1], 60U);
  EXPECT_LE((*window.Counts())[1], 72U);
}

TEST(LatencyWindow, CountsThatFellBeginAnew) {
  LatencyWindow window;
  window.Add(common::MonotonicTime(seconds(1)), {10, 10});
  window.Add(common::MonotonicTime(seconds(2)), {20, 10});
  window.Add(common::MonotonicTime(seconds(3)), {1, 0});
  EXPECT_EQ(window.Counts(), std::nullopt);
}

TEST(LatencyQuantile, LiesWithinItsBucket) {
  EXPECT_EQ(QuantileOf({}, 0.99), std::nullopt);
  LatencyCounts counts{};
  counts[2] = 90;  // 25 to 100 ms.
  counts[4] = 10;  // 250 to 500 ms.
  EXPECT_DOUBLE_EQ(*QuantileOf(counts, 0.45), 0.0625);
  EXPECT_DOUBLE_EQ(*QuantileOf(counts, 0.95), 0.375);
  counts[8] = 100;
  EXPECT_DOUBLE_EQ(*QuantileOf(counts, 0.99), 10);
}

}  // namespace
}  // namespace scaler::signals

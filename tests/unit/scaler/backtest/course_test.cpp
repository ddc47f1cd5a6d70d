#include "scaler/backtest/course.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "scaler/backtest/peak_hold.h"
#include "unit/scaler/backtest/history.h"

namespace scaler::backtest {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::DoubleNear;

constexpr double kHour = 3600;

TEST(Course, APodIsPaidForFromTheDecisionAndServesAfterItsStart) {
  const auto world = PromptWorld();
  const auto series = Minutes({100, 300});
  NeedRule rule(world, 1);
  const auto result = PlayRule(world, series, rule);
  EXPECT_DOUBLE_EQ(result.total.requests, 6000 + 18000);
  EXPECT_DOUBLE_EQ(result.total.excess, 200 * 20) << "two pods were not ready for 20 s";
  EXPECT_DOUBLE_EQ(result.total.cold_requests, 0);
  EXPECT_NEAR(result.total.pod_hours, (60 + 3 * 60) / kHour, 1e-12);
  EXPECT_EQ(result.total.actions, 1);
  EXPECT_EQ(result.total.reversals, 0);
  EXPECT_EQ(result.worst.at, series.begin + minutes(1));
  EXPECT_DOUBLE_EQ(result.worst.excess, 4000);
  EXPECT_DOUBLE_EQ(result.worst.requests, 18000);
}

TEST(Course, WhoLearnsLaterIsLaterByWholeSteps) {
  auto world = PromptWorld();
  const auto series = Minutes({100, 300});
  for (const auto& [delay, late] : {std::pair(2, 5), {5, 5}, {6, 10}, {30, 30}}) {
    world.metric_delay = seconds(delay);
    NeedRule rule(world, 1);
    EXPECT_DOUBLE_EQ(PlayRule(world, series, rule).total.excess, 200 * (20 + late)) << delay;
  }
}

TEST(Course, RequestsThatFindNobodyAreColdAndInExcess) {
  const auto world = PromptWorld();
  const auto series = Minutes({0, 10});
  NeedRule rule(world, 0);
  const auto result = PlayRule(world, series, rule);
  EXPECT_DOUBLE_EQ(result.total.cold_requests, 10 * 20);
  EXPECT_DOUBLE_EQ(result.total.excess, 10 * 20);
}

TEST(Course, FewerAreGoneAtOnceAndTurningBackIsAReversal) {
  const auto world = PromptWorld();
  const auto series = Minutes({300, 100, 300, 300});
  NeedRule rule(world, 3);
  const auto result = PlayRule(world, series, rule);
  EXPECT_NEAR(result.total.pod_hours, (180 + 60 + 180 + 180) / kHour, 1e-12);
  EXPECT_EQ(result.total.actions, 2);
  EXPECT_EQ(result.total.reversals, 1);
}

TEST(Course, HalvesOfTheTimeAddUp) {
  const auto world = PromptWorld();
  const auto series = Minutes({100, 200, 700});
  NeedRule rule(world, 1);
  const auto result = PlayRule(world, series, rule);
  EXPECT_DOUBLE_EQ(result.halves[0].requests, 6000 + 30 * 200);
  EXPECT_DOUBLE_EQ(result.halves[1].requests, 30 * 200 + 42000);
  EXPECT_EQ(result.halves[0].actions, 1);
  EXPECT_DOUBLE_EQ(result.halves[0].excess + result.halves[1].excess, result.total.excess);
}

TEST(Course, ASeriesOfOneSecondIsPlayedBySeconds) {
  auto world = PromptWorld();
  auto series = Minutes({100, 100, 200, 200});
  series.period = seconds(1);
  world.step = seconds(1);
  world.pod_start = seconds(1);
  NeedRule rule(world, 1);
  EXPECT_DOUBLE_EQ(PlayRule(world, series, rule).total.excess, 100);
}

TEST(Course, AnEmptySeriesIsOverAtOnce) {
  const auto world = PromptWorld();
  NeedRule rule(world, 1);
  EXPECT_EQ(PlayRule(world, Minutes({}), rule).total, Totals());
}

/// Whatever is skipped while nothing moves: nobody can tell.
RC_GTEST_PROP(Course, SkippingChangesNothing, ()) {
  auto world = PromptWorld();
  world.nodes = *rc::gen::arbitrary<bool>();
  world.metric_delay = seconds(*rc::gen::inRange(0, 100));
  const auto rates = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3000));
  auto series = Minutes(std::vector<double>(rates.begin(), rates.end()));
  series.period = *rc::gen::element<Duration>(seconds(60), seconds(57), seconds(300));
  const PeakHoldOptions options{.factor = *rc::gen::element(1.0, 1.3),
                                .hold = seconds(*rc::gen::element(0, 60, 300, 1200)),
                                .min = *rc::gen::inRange(0, 2)};
  PeakHoldRule skipping(world, options);
  PeakHoldRule stepping(world, options);
  EveryStep every(stepping);
  const auto quick = PlayRule(world, series, skipping);
  const auto slow = PlayRule(world, series, every);
  RC_ASSERT(quick.total.actions == slow.total.actions);
  RC_ASSERT(quick.total.reversals == slow.total.reversals);
  RC_ASSERT(quick.worst.at == slow.worst.at);
  RC_ASSERT(std::abs(quick.total.pod_hours - slow.total.pod_hours) < 1e-6);
  RC_ASSERT(std::abs(quick.total.node_hours - slow.total.node_hours) < 1e-6);
  RC_ASSERT(std::abs(quick.total.requests - slow.total.requests) < 1e-3);
  RC_ASSERT(std::abs(quick.total.excess - slow.total.excess) < 1e-3);
  RC_ASSERT(std::abs(quick.halves[0].pod_hours - slow.halves[0].pod_hours) < 1e-6);
}

}  // namespace
}  // namespace scaler::backtest

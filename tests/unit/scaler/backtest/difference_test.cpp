#include "scaler/backtest/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/backtest/peak_hold.h"
#include "scaler/backtest/policy_rule.h"
#include "unit/scaler/backtest/history.h"

namespace scaler::backtest {
namespace {

using std::chrono::minutes;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Difference> Holding(const Series& series, std::size_t most) {
  const auto world = PromptWorld();
  PeakHoldRule follows(world, {.factor = 1, .hold = {}, .min = 1});
  PeakHoldRule holds(world, {.factor = 1, .hold = minutes(2), .min = 1});
  return Compare(world, series, follows, holds, most);
}

TEST(Difference, IsATimeInWhichOneAsksForMore) {
  const auto series = Minutes({100, 300, 100, 100, 100});
  const auto found = Holding(series, 10);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].from, series.begin + minutes(2));
  EXPECT_EQ(found[0].length, minutes(2) - std::chrono::seconds(5));
  EXPECT_NEAR(found[0].pod_hours, 2 * 115 / 3600.0, 1e-9);
  EXPECT_EQ(found[0].first, 1);
  EXPECT_EQ(found[0].second, 3);
  EXPECT_EQ(found[0].rate, 100);
}

TEST(Difference, KeepsTheLargest) {
  const auto series = Minutes({100, 300, 100, 100, 100, 900, 100, 100, 100});
  EXPECT_THAT(Holding(series, 10), SizeIs(2));
  const auto largest = Holding(series, 1);
  ASSERT_THAT(largest, SizeIs(1));
  EXPECT_EQ(largest[0].second, 9);
}

TEST(Difference, IsNoneBetweenARuleAndItself) {
  const auto world = PromptWorld();
  NeedRule one(world, 1);
  NeedRule other(world, 1);
  EXPECT_THAT(Compare(world, Minutes({100, 500, 100}), one, other, 10), IsEmpty());
}

TEST(Difference, HasTheReasonsOfBoth) {
  const auto world = PromptWorld();
  const auto capped =
      PolicyWith("  replicas: {min: 1, max: 2}\n  signals: {requests: {perReplica: 100/s}}\n");
  const auto free =
      PolicyWith("  replicas: {min: 1, max: 9}\n  signals: {requests: {perReplica: 100/s}}\n");
  PolicyRule first(world, capped.terms.policy, {});
  PolicyRule second(world, free.terms.policy, {});
  const auto found = Compare(world, Minutes({100, 800}), first, second, 1);
  ASSERT_THAT(found, SizeIs(1));
  ASSERT_TRUE(found[0].first_reason && found[0].second_reason);
  EXPECT_EQ(found[0].first_reason->clamps.back().rule, engine::Rule::kMax);
  EXPECT_EQ(found[0].second_reason->desired, 8);
}

}  // namespace
}  // namespace scaler::backtest

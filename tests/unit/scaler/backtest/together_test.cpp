#include "scaler/backtest/together.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/backtest/policy_rule.h"
#include "unit/scaler/backtest/history.h"

namespace scaler::backtest {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSpec =
    "  replicas: {min: 1, max: 100}\n  signals: {requests: {perReplica: 100/s}}\n"
    "  behavior: {scaleDown: {stabilizationWindowSeconds: 0}}\n";

policy::ScalingGroup Cap(int replicas) {
  policy::ScalingGroup group;
  group.name = "starter";
  group.selector.match_labels = {{"app", "shop"}};
  group.limits.name = "starter";
  group.limits.max_replicas = replicas;
  return group;
}

Series Named(const char* name, std::vector<double> rates) {
  auto series = Minutes(std::move(rates));
  series.name = name;
  return series;
}

std::vector<SeriesResult> Play(const std::vector<Series>& series,
                               const std::vector<policy::ScalingGroup>& groups) {
  auto results = PlayTogether(PromptWorld(), series, PolicyWith(kSpec), groups, [](double) {});
  EXPECT_TRUE(results) << results.error().what;
  return results.value_or(std::vector<SeriesResult>());
}

TEST(Together, WithoutACapIsEachByItself) {
  const std::vector<Series> series{Named("a", {100, 300, 100}), Named("b", {100, 100})};
  const auto results = Play(series, {});
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto document = PolicyWith(kSpec);
    PolicyRule rule(PromptWorld(), document.terms.policy, {});
    EXPECT_EQ(results[i].total, PlayRule(PromptWorld(), series[i], rule).total);
  }
}

TEST(Together, ACapIsSharedFairly) {
  // Both want 4 of 5: one waits with 2 of its needs, the first by name has the odd one.
  const auto results = Play({Named("a", {100, 400}), Named("b", {100, 400})}, {Cap(5)});
  EXPECT_NEAR(results[0].total.pod_hours * 60, 1 + 3, 1e-9);
  EXPECT_NEAR(results[1].total.pod_hours * 60, 1 + 2, 1e-9);
  EXPECT_DOUBLE_EQ(results[1].total.excess, 300 * 20 + 200 * 40) << "two of four, after the start";
}

TEST(Together, ACapThatNobodyReachesChangesNothing) {
  const std::vector<Series> series{Named("a", {100, 300}), Named("b", {100, 100})};
  EXPECT_EQ(Play(series, {Cap(50)})[0].total, Play(series, {})[0].total);
}

TEST(Together, OnlyMembersAreCapped) {
  auto other = Cap(1);
  other.selector.match_labels = {{"app", "blog"}};
  const std::vector<Series> series{Named("a", {300, 300}), Named("b", {100, 100})};
  EXPECT_EQ(Play(series, {other})[0].total, Play(series, {})[0].total);
}

TEST(Together, SeriesOfDifferentTimesAreRefused) {
  auto later = Named("b", {100});
  later.begin += std::chrono::hours(1);
  const auto results =
      PlayTogether(PromptWorld(), {Named("a", {100}), later}, PolicyWith(kSpec), {}, [](double) {});
  ASSERT_FALSE(results);
  EXPECT_THAT(results.error().what, HasSubstr("b differs from a"));
}

}  // namespace
}  // namespace scaler::backtest

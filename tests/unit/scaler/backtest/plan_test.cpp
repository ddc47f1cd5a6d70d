#include "scaler/backtest/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/scaler/backtest/history.h"

namespace scaler::backtest {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Field;
using ::testing::Optional;

policy::ScalingPolicy Document(const std::string& objective) {
  return PolicyWith("  replicas: {min: 1, max: 100}\n  signals: {requests: {perReplica: 100/s}}\n" +
                    objective);
}

Outcome Play(const Plan& plan, const World& world, const std::vector<double>& rates) {
  Comparison comparison(world, plan.Contenders());
  const auto series = Minutes(rates);
  comparison.Add(series.name, comparison.Play(series));
  return MakeOutcome(plan, comparison);
}

TEST(Plan, PutsPoliciesFirstAndForesightAndPeakHoldAlwaysBeside) {
  const Plan plan({{"mine", Document("  objective: {overload: 1%}\n")},
                   {"plain", Document("  objective: {overload: 50%}\n")}},
                  {.hpa = true, .hpa_cpu = false, .keda = false, .fixed = true});
  EXPECT_THAT(plan.Objectives(),
              ElementsAre(Optional(Field(&engine::Objective::overload, 0.01)), Eq(std::nullopt)));
  const auto outcome = Play(plan, PromptWorld(), {100, 300, 100});
  std::vector<std::string> names;
  for (const auto& run : outcome.runs) {
    names.push_back(run.name);
  }
  EXPECT_THAT(names,
              ElementsAre("mine", "plain", "hpa", "static", "oracle", "oracle70", "peak-hold"));
  EXPECT_EQ(outcome.sweep.size(), 42U);
  EXPECT_THAT(outcome.series, ElementsAre("shop"));
}

TEST(Plan, PeakHoldIsTheCheapestWithAsLittleExcessAsTheFirstPolicy) {
  const Plan plan(
      {{"mine", Document("  behavior: {scaleDown: {stabilizationWindowSeconds: 0}}\n")}}, {});
  const auto outcome = Play(plan, PromptWorld(), {100, 300, 100, 300, 100, 100, 100});
  const double share = outcome.runs.front().total.total.ExcessShare();
  EXPECT_GT(share, 0);
  EXPECT_EQ(outcome.peak_hold, "1x 0s") << "it is as good as following demand";
  EXPECT_DOUBLE_EQ(outcome.runs.back().total.total.ExcessShare(), share);
  EXPECT_LE(outcome.floor.total.total.ExcessShare(), share);
}

TEST(GapClosed, IsTheWayFromTheBestPeakHoldToForesightAtTheSameExcess) {
  Outcome outcome;
  const auto made = [](const char* name, double hours, double excess) {
    RunResult run;
    run.name = name;
    run.total.total = {.pod_hours = hours, .requests = 100, .excess = excess};
    return run;
  };
  outcome.sweep = {made("a", 20, 1), made("b", 30, 0.5)};
  outcome.runs = {made("oracle", 10, 0)};
  EXPECT_THAT(GapClosed(outcome, made("half", 15, 1)), Optional(0.5));
  EXPECT_THAT(GapClosed(outcome, made("strict", 35, 0.5)), Optional(-0.25));
  EXPECT_EQ(GapClosed(outcome, made("stricter", 35, 0.1)), std::nullopt) << "nothing to beat";
}

}  // namespace
}  // namespace scaler::backtest

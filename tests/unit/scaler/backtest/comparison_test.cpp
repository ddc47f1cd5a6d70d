#include "scaler/backtest/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/scaler/backtest/history.h"

namespace scaler::backtest {
namespace {

using ::testing::ElementsAre;

RunResult Made(const char* name, double pod_hours, double excess) {
  RunResult run;
  run.name = name;
  run.total.total.pod_hours = pod_hours;
  run.total.total.requests = 100;
  run.total.total.excess = excess;
  return run;
}

TEST(Comparison, AddsUpSeriesAndKeepsEach) {
  Comparison comparison(PromptWorld(), {StaticContender(0), OracleContender("oracle", 1, 0)});
  for (const auto& rates : {std::vector<double>{100, 200}, {50, 50}}) {
    comparison.Add(rates.front() > 50 ? "busy" : "calm", comparison.Play(Minutes(rates)));
  }
  EXPECT_THAT(comparison.SeriesNames(), ElementsAre("busy", "calm"));
  ASSERT_EQ(comparison.Runs().size(), 2U);
  const auto& fixed = comparison.Runs()[0];
  EXPECT_EQ(fixed.name, "static");
  EXPECT_NEAR(fixed.total.total.pod_hours, (4 + 2) / 60.0, 1e-12);
  EXPECT_NEAR(fixed.series[0].total.pod_hours, 4 / 60.0, 1e-12);
  EXPECT_DOUBLE_EQ(comparison.Runs()[1].total.total.requests, 24000);
}

TEST(Comparison, TheWorstMinuteOfAllIsThatOfOneSeries) {
  Comparison comparison(PromptWorld(), {PeakHoldContender({.factor = 1, .hold = {}, .min = 0})});
  auto first = Minutes({0, 100});
  auto second = Minutes({0, 0, 300});
  first.name = "first";
  second.name = "second";
  comparison.Add("second", comparison.Play(second));
  comparison.Add("first", comparison.Play(first));
  const auto& worst = comparison.Runs()[0].total.worst;
  EXPECT_EQ(worst.series, "second");
  EXPECT_DOUBLE_EQ(worst.excess, 6000);
}

TEST(Comparison, PlaysShortSamplesInShorterSteps) {
  const Comparison comparison(PromptWorld(), {OracleContender("oracle", 1, 0), StaticContender(1)});
  auto series = Minutes({100, 100, 100});
  series.period = std::chrono::seconds(1);
  EXPECT_DOUBLE_EQ(comparison.Play(series)[1].total.requests, 300);
}

TEST(Frontier, LeavesOutWhatAnotherBeats) {
  const std::vector<RunResult> runs{Made("dear", 30, 1), Made("cheap", 10, 9),
                                    Made("beaten", 20, 9), Made("middle", 20, 4)};
  std::vector<std::string> names;
  for (const auto* run : Frontier(runs)) {
    names.push_back(run->name);
  }
  EXPECT_THAT(names, ElementsAre("cheap", "middle", "dear"));
  EXPECT_EQ(CheapestWithin(Frontier(runs), 0.05).name, "middle");
  EXPECT_EQ(CheapestWithin(Frontier(runs), 0).name, "dear") << "the best that there is";
}

TEST(PolicyContender, PlaysTheTermsOfEachSeries) {
  const auto contender =
      PolicyContender("shops", PolicyWith("  replicas: {min: 2, max: 9}\n"
                                          "  signals: {requests: {perReplica: 100/s}}\n"));
  EXPECT_EQ(contender.name, "shops");
  EXPECT_NEAR(contender.play(PromptWorld(), Minutes({0})).total.pod_hours, 2 / 60.0, 1e-12);
}

}  // namespace
}  // namespace scaler::backtest

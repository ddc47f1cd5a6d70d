#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/backtest/foresight.h"
#include "scaler/backtest/hpa_rule.h"
#include "scaler/backtest/peak_hold.h"
#include "unit/scaler/backtest/history.h"

namespace scaler::backtest {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr double kHour = 3600;

TEST(Oracle, PaysForTheStartAndForNothingElse) {
  const auto result = PlayOracle(World{}, Minutes({100, 300, 100, 0}), 1, 0);
  EXPECT_NEAR(result.total.pod_hours, ((1 + 3 + 1) * 60 + (1 + 2) * 20) / kHour, 1e-12);
  EXPECT_EQ(result.total.excess, 0);
  EXPECT_EQ(result.total.actions, 3);
  EXPECT_EQ(result.total.reversals, 1);
  EXPECT_NEAR(PlayOracle(World{}, Minutes({100, 0}), 1, 1).total.pod_hours, 140 / kHour, 1e-12);
  EXPECT_NEAR(PlayOracle(World{}, Minutes({71}), 0.7, 0).total.pod_hours, 160 / kHour, 1e-12);
}

TEST(Oracle, HasItsNodesBeforeThePodsStart) {
  World world;
  world.nodes = true;
  const auto result = PlayOracle(world, Minutes({100, 100, 100, 100, 1100}), 1, 1);
  // 140 s are three minutes: the second node is there for the last four.
  EXPECT_NEAR(result.total.node_hours, (1 + 4 * 2) / 60.0, 1e-12);
}

TEST(Static, IsTheHighestNeedAllTheTime) {
  const auto series = Minutes({100, 301, 0});
  StaticRule rule(World{}, series, 1);
  const auto result = PlayRule(World{}, series, rule);
  EXPECT_NEAR(result.total.pod_hours, 4 * 180 / kHour, 1e-12);
  EXPECT_EQ(result.total.excess, 0);
  EXPECT_EQ(result.total.actions, 0);
}

TEST(PeakHold, HoldsTheHighestOfItsWindow) {
  const auto world = PromptWorld();
  const auto series = Minutes({300, 100, 100, 100});
  PeakHoldRule rule(world, {.factor = 1, .hold = seconds(90), .min = 0});
  // The last step at 300 was at 55 s; it is within the window until 140 s.
  EXPECT_NEAR(PlayRule(world, series, rule).total.pod_hours, (3 * 145 + 95) / kHour, 1e-12);
  PeakHoldRule more(world, {.factor = 1.5, .hold = seconds(0), .min = 2});
  EXPECT_NEAR(PlayRule(world, series, more).total.pod_hours, (5 * 60 + 2 * 180) / kHour, 1e-12);
}

TEST(PeakHold, IsSweptOverFactorsAndHolds) {
  const auto sweep = PeakHoldSweep(1);
  EXPECT_EQ(sweep.size(), 42U);
  EXPECT_EQ(NameOf(sweep.back()), "1.5x 2400s");
  EXPECT_EQ(sweep.front().min, 1);
}

/// The replicas that the HPA asks for, one number for each of its looks.
std::vector<int> Looks(HpaRule& rule, const World& world, const Series& series) {
  std::vector<int> looks;
  Course course(world, series, rule.Delay(), rule.Begin(0));
  while (!course.Over()) {
    const auto look = course.Next();
    const auto answer = rule.Decide(look);
    if (look.elapsed % seconds(15) == seconds(5)) {
      looks.push_back(answer.replicas);
    }
    course.Act(answer);
  }
  return looks;
}

TEST(Hpa, FollowsTheUtilizationOfReadyPodsLate) {
  // 150 requests/s on one pod are 150 %, of 70 % wanted: three of them. When they are ready, what
  // one pod had half a minute ago is taken for what three have, and its window keeps that for five
  // minutes.
  const World world;
  HpaRule rule(world, {});
  const auto looks = Looks(rule, world, Minutes({0, 150, 150, 30, 30, 30, 30, 30, 30, 30, 30}));
  EXPECT_EQ(looks[5], 1) << "at 80 s it knows of 45 s";
  EXPECT_EQ(looks[6], 3) << "at 95 s it knows of 60 s";
  EXPECT_EQ(looks[7], 3) << "two pods are not ready and count as idle";
  EXPECT_EQ(looks[20], 7);
  EXPECT_EQ(looks.back(), 1);
}

TEST(Hpa, OnCpuSeesNoMoreThanAPodCanUse) {
  const World world;
  HpaRule rule(world, {.saturates = true, .zero_after = {}});
  const auto looks = Looks(rule, world, Minutes({0, 1000, 1000}));
  EXPECT_EQ(looks[6], 2) << "100 % of 70 %";
  HpaRule custom(world, {});
  EXPECT_EQ(Looks(custom, world, Minutes({0, 1000, 1000}))[6], 5)
      << "15 are wanted, 4 a time added";
}

TEST(Hpa, WithKedaSleepsAfterItsCooldownAndWakesAtALook) {
  const World world;
  HpaRule rule(world, {.zero_after = minutes(5)});
  std::vector<double> rates(10, 0.0);
  rates[8] = 10;
  const auto series = Minutes(std::move(rates));
  const auto result = PlayRule(world, series, rule);
  // Awake for 5 min, again from 480 s on: paid for to the end at 600 s.
  EXPECT_NEAR(result.total.pod_hours, (300 + 120) / kHour, 1e-9);
  EXPECT_DOUBLE_EQ(result.total.cold_requests, 250) << "its step and the 20 s of the start";
}

}  // namespace
}  // namespace scaler::backtest

#include "scaler/engine/decide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/scaler/engine/shop.h"

namespace scaler::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

TEST(Decide, AsksForWhatTheRequestsNeed) {
  Shop shop;
  EXPECT_EQ(shop.See(45), 3);
  EXPECT_EQ(shop.last.outcome, Outcome::kScaled);
  EXPECT_THAT(shop.last.recommendations, ElementsAre(Recommendation{"requests", 45, 20, 3}));
  EXPECT_THAT(shop.last.clamps, IsEmpty());
}

TEST(Decide, ATenfoldStepIsFollowedAtOnce) {
  Shop shop;
  shop.See(8);
  EXPECT_EQ(shop.See(80), 4);
}

TEST(Decide, StaysWithinTheTolerance) {
  Shop shop;
  shop.See(40);
  EXPECT_EQ(shop.See(43.9), 2);
  EXPECT_EQ(shop.last.outcome, Outcome::kKept);
  EXPECT_EQ(shop.See(44.1), 3);
}

TEST(Decide, NeverLeavesTheBounds) {
  Shop shop;
  EXPECT_EQ(shop.See(10'000), 12);
  EXPECT_THAT(shop.last.clamps, Rules(Rule::kMax));
  shop.policy.replicas.min = 2;
  EXPECT_EQ(shop.See(0, seconds(100)), 2);
  EXPECT_THAT(shop.last.clamps, Rules(Rule::kMin));
}

TEST(Decide, FallsOnlyWhenTheWindowHasForgottenThePeak) {
  Shop shop;
  shop.See(100);
  for (int second = 0; second < 29; ++second) {
    EXPECT_EQ(shop.See(10), 5) << second;
    EXPECT_THAT(shop.last.clamps, Rules(Rule::kStabilizationDown));
  }
  EXPECT_EQ(shop.See(10), 1);
}

TEST(Decide, RisesOnlyWhenTheWholeUpWindowAgrees) {
  Shop shop;
  shop.policy.behavior.scale_up.stabilization_window = seconds(3);
  shop.See(20);
  EXPECT_EQ(shop.See(100), 1);
  EXPECT_THAT(shop.last.clamps, Rules(Rule::kStabilizationUp));
  shop.See(100);
  shop.See(100);
  EXPECT_EQ(shop.See(100), 5);
}

TEST(Decide, GoesToZeroAfterIdleAndWakesOnTheFirstRequest) {
  Shop shop;
  shop.policy.behavior.scale_down.stabilization_window = seconds(5);
  EXPECT_EQ(shop.See(1), 1);
  for (int second = 0; second < 9; ++second) {
    EXPECT_EQ(shop.See(0), 1) << second;
  }
  EXPECT_EQ(shop.See(0), 0);
  EXPECT_EQ(shop.See(0), 0);
  EXPECT_EQ(shop.last.outcome, Outcome::kKept);
  EXPECT_EQ(shop.See(0.5), 1);
}

TEST(Decide, TheCpuOfHealthChecksDoesNotKeepAnIdleShopAwake) {
  Shop shop;
  shop.policy.signals.cpu = UtilizationSignal{0.5};
  shop.See(1);
  for (int second = 0; second < 9; ++second) {
    shop.UseCpu(0.001, 1);
    EXPECT_EQ(shop.See(0), 1) << second;
  }
  shop.UseCpu(0.001, 1);
  EXPECT_EQ(shop.See(0), 0);
  EXPECT_THAT(shop.last.clamps, Contains(Field(&Clamp::rule, Rule::kIdle)));
}

TEST(Decide, AQueuedRequestAloneWakes) {
  Shop shop;
  shop.policy.behavior.scale_up.stabilization_window = seconds(60);
  shop.See(0);
  shop.observation.demand->value.queued = 1;
  EXPECT_EQ(shop.Decide(), 1);
  EXPECT_THAT(shop.last.clamps, Rules(Rule::kWake));
}

TEST(Decide, ARequestInFlightKeepsTheLastReplica) {
  Shop shop;
  shop.See(1);
  for (int second = 0; second < 100; ++second) {
    shop.observation.now += seconds(1);
    shop.observation.demand = Sampled<Demand>{{0, 1, 0}, shop.observation.now};
    EXPECT_EQ(shop.Decide(), 1);
  }
}

TEST(Decide, AQueueOfTheUsersKeepsItsWorkersAwakeAndLetsThemSleep) {
  Shop workers;
  workers.policy.signals = {};
  workers.policy.signals.external = {
      {"messages", ExternalSignal::Kind::kPerReplica, 100, "sum(queue_messages)"}};
  const auto queued = [&](double messages) {
    workers.observation.external = {{"messages", {messages, workers.observation.now}}};
    return workers.SeeNothing();
  };
  EXPECT_EQ(queued(1), 1);
  EXPECT_EQ(queued(250), 3);
  for (int second = 0; second < 100; ++second) {
    EXPECT_EQ(queued(1), second < 29 ? 3 : 1) << second;
  }
  for (int second = 0; second < 9; ++second) {
    EXPECT_EQ(queued(0), 1) << second;
  }
  EXPECT_EQ(queued(0), 0);
}

TEST(Decide, WithoutIdleOneReplicaAlwaysStays) {
  Shop shop;
  shop.policy.idle.reset();
  shop.See(1);
  EXPECT_EQ(shop.See(0, seconds(1000)), 1);
}

TEST(Decide, MissingInputHoldsAndSaysWhy) {
  Shop shop;
  shop.See(100);
  EXPECT_EQ(shop.SeeNothing(seconds(31)), 5);
  EXPECT_EQ(shop.last.outcome, Outcome::kHeld);
  EXPECT_THAT(shop.last.left_out, ElementsAre(LeftOut{"requests", "the last sample is 31 s old"}));
}

TEST(Decide, NotKnowingIsNotIdleness) {
  Shop shop;
  shop.See(1);
  shop.SeeNothing(seconds(1000));
  EXPECT_EQ(shop.See(0), 1);
}

TEST(Decide, OneMissingSignalBlocksOnlyTheWayDown) {
  Shop shop;
  shop.policy.signals.cpu = UtilizationSignal{0.7};
  shop.observation.desired_replicas = 3;
  shop.observation.ready_replicas = 3;
  EXPECT_EQ(shop.See(10), 3);
  EXPECT_THAT(shop.last.clamps, Rules(Rule::kMissingInput));
  EXPECT_EQ(shop.See(100), 5);
}

TEST(Decide, CpuIsComparedWithWhatTheReplicasRequest) {
  Shop shop;
  shop.policy.signals.requests.reset();
  shop.policy.signals.cpu = UtilizationSignal{0.5};
  shop.observation.desired_replicas = 2;
  shop.UseCpu(0.2, 2);  // 100 % of the request, twice the target
  EXPECT_EQ(shop.See(1), 4);
  EXPECT_THAT(shop.last.recommendations, ElementsAre(Recommendation{"cpu", 1.0, 0.5, 4}));
}

TEST(Decide, CpuDoesNotShrinkWhatHasNotStartedYet) {
  Shop shop;
  shop.policy.signals.requests.reset();
  shop.policy.signals.cpu = UtilizationSignal{0.5};
  shop.observation.desired_replicas = 3;
  EXPECT_EQ(shop.See(1, seconds(100)), 3);
  EXPECT_EQ(shop.last.outcome, Outcome::kHeld);
}

TEST(Decide, TheLargestSignalWins) {
  Shop shop;
  shop.policy.signals.cpu = UtilizationSignal{0.5};
  shop.observation.desired_replicas = 2;
  shop.UseCpu(0.3, 2);
  EXPECT_EQ(shop.See(20), 6);
}

TEST(Decide, RateLimitsSpreadARise) {
  Shop shop;
  shop.policy.behavior.scale_up.limits = {{RateLimit::Kind::kPods, 2, seconds(10)}};
  EXPECT_EQ(shop.See(200), 2);
  EXPECT_THAT(shop.last.clamps, Rules(Rule::kRateLimitUp));
  EXPECT_EQ(shop.See(200, seconds(9)), 2);
  EXPECT_EQ(shop.See(200, seconds(1)), 4);
}

TEST(Decide, OfSeveralLimitsTheSelectedOneCounts) {
  Shop shop;
  shop.observation.desired_replicas = 4;
  shop.policy.behavior.scale_up.limits = {{RateLimit::Kind::kPods, 1, seconds(10)},
                                          {RateLimit::Kind::kPercent, 100, seconds(10)}};
  EXPECT_EQ(Shop(shop).See(1000), 8);
  shop.policy.behavior.scale_up.select = SelectPolicy::kMin;
  EXPECT_EQ(Shop(shop).See(1000), 5);
  shop.policy.behavior.scale_up.select = SelectPolicy::kDisabled;
  EXPECT_EQ(Shop(shop).See(1000), 4);
}

TEST(Decide, APercentageOfNothingStillWakes) {
  Shop shop;
  shop.policy.behavior.scale_up.limits = {{RateLimit::Kind::kPercent, 100, seconds(15)}};
  EXPECT_EQ(shop.See(100), 1);
}

TEST(Decide, RateLimitsSpreadAFall) {
  Shop shop;
  shop.observation.desired_replicas = 10;
  shop.policy.behavior.scale_down = {.stabilization_window = {},
                                     .select = SelectPolicy::kMax,
                                     .limits = {{RateLimit::Kind::kPercent, 35, seconds(10)}}};
  EXPECT_EQ(shop.See(1), 6);  // 10 x 0.65, truncated as in the HPA
  EXPECT_THAT(shop.last.clamps, Rules(Rule::kRateLimitDown));
  EXPECT_EQ(shop.See(1), 6);
  EXPECT_EQ(shop.See(1, seconds(10)), 3);
}

TEST(Decide, DryRunSaysWhatItWouldDoAndRemembersNoChange) {
  Shop shop;
  shop.policy.mode = Mode::kDryRun;
  shop.policy.behavior.scale_up.limits = {{RateLimit::Kind::kPods, 2, seconds(10)}};
  EXPECT_EQ(shop.See(200), 2);
  EXPECT_EQ(shop.last.outcome, Outcome::kDryRun);
  EXPECT_EQ(shop.See(200), 2);
  EXPECT_THAT(shop.state.scaled_up, IsEmpty());
}

TEST(Decide, APausedPolicyHolds) {
  Shop shop;
  shop.policy.mode = Mode::kPaused;
  EXPECT_EQ(shop.See(1000), 0);
  EXPECT_EQ(shop.last.outcome, Outcome::kHeld);
}

TEST(Decide, RemembersNoMoreThanItsWindowsNeed) {
  Shop shop;
  shop.policy.behavior.scale_up.limits = {{RateLimit::Kind::kPods, 4, seconds(15)}};
  for (int second = 0; second < 10'000; ++second) {
    shop.See(second % 200);
    ASSERT_LE(shop.state.highest.size(), 13U);
    ASSERT_LE(shop.state.lowest.size(), 1U);
    ASSERT_LE(shop.state.scaled_up.size(), 16U);
  }
}

TEST(Decide, AWildMeasurementOverflowsNothing) {
  Shop shop;
  shop.policy.replicas.max = 1000;
  EXPECT_EQ(shop.See(1e300), 1000);
}

}  // namespace
}  // namespace scaler::engine

// Whole decisions of a policy that asks for Kubernetes' HPA, and the shadow of an HPA beside those
// of any other policy.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/engine/decide.h"

namespace scaler::engine {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

/// A shop with requests of which one replica takes 20/s.
class HpaShop {
 public:
  Policy policy;
  State state;
  Observation observation;
  Decision last;

  explicit HpaShop(Algorithm algorithm = Algorithm::kHpa) {
    policy.algorithm = algorithm;
    policy.replicas = {.min = 1, .max = 50};
    policy.signals.requests = RequestsSignal{20};
    policy.behavior.scale_up.limits = {{RateLimit::Kind::kPods, 4, seconds(15)},
                                       {RateLimit::Kind::kPercent, 100, seconds(15)}};
    policy.behavior.scale_down = {.stabilization_window = seconds(300),
                                  .limits = {{RateLimit::Kind::kPercent, 100, seconds(15)}}};
    observation.now = Time(std::chrono::hours(1'000'000));
    observation.desired_replicas = 1;
    observation.ready_replicas = 1;
  }

  /// Lets `time` pass, sees `rate` requests/s, decides, and applies what was decided.
  int See(double rate, Duration time = seconds(15)) {
    observation.now += time;
    observation.demand = Sampled<Demand>{{rate, 0, 0}, observation.now};
    auto step = Decide(policy, std::move(state), observation);
    state = std::move(step.state);
    last = std::move(step.decision);
    observation.desired_replicas = last.desired;
    observation.ready_replicas = last.desired;
    return last.desired;
  }

  void SetExternal(const std::string& name, double value) {
    observation.external = {{name, {value, observation.now + seconds(15)}}};
  }
};

TEST(HpaProfile, GoesByWhatOneReplicaCarries) {
  HpaShop shop;
  EXPECT_EQ(shop.See(90), 5);
  EXPECT_THAT(shop.last.recommendations, ElementsAre(Recommendation{"requests", 90, 20, 5}));
}

TEST(HpaProfile, TheLargestOfAllMetricsWins) {
  HpaShop shop;
  shop.policy.signals.external = {{.name = "jobs", .target = 10, .query = {}}};
  shop.SetExternal("jobs", 45);
  EXPECT_EQ(shop.See(30), 5);
  EXPECT_THAT(shop.last.recommendations, SizeIs(2));
}

TEST(HpaProfile, AMetricInErrorBlocksTheWayDownOnly) {
  HpaShop shop;
  shop.policy.signals.external = {{.name = "jobs", .target = 10, .query = {}}};
  EXPECT_EQ(shop.See(90), 5);
  EXPECT_EQ(shop.See(20, minutes(20)), 5);
  EXPECT_EQ(shop.last.outcome, Outcome::kHeld);
  EXPECT_THAT(shop.last.left_out, ElementsAre(LeftOut{"jobs", "its query has no answer"}));
}

TEST(HpaProfile, GoesDownToTheLargestRecommendationOfFiveMinutes) {
  HpaShop shop;
  shop.See(90);
  shop.See(50, seconds(150));
  EXPECT_EQ(shop.See(10, seconds(149)), 5);
  EXPECT_EQ(shop.See(10, seconds(1)), 3);
  EXPECT_EQ(shop.See(10, seconds(150)), 1);
}

TEST(HpaProfile, RemembersWhatItHasFoundAtFirst) {
  HpaShop shop;
  shop.observation.desired_replicas = 8;
  EXPECT_EQ(shop.See(20), 8);
  EXPECT_EQ(shop.See(20, seconds(299)), 8);
  EXPECT_EQ(shop.See(20, seconds(1)), 1);
}

TEST(HpaProfile, RisesByFourPodsOrToTwiceAsManyIn15Seconds) {
  HpaShop shop;
  EXPECT_EQ(shop.See(1000), 5);
  EXPECT_EQ(shop.See(1000, seconds(14)), 5);
  EXPECT_EQ(shop.See(1000, seconds(1)), 10);
  EXPECT_EQ(shop.See(1000), 20);
  EXPECT_THAT(shop.last.clamps, ElementsAre(Field(&Clamp::rule, Rule::kRateLimitUp)));
}

TEST(HpaProfile, ReturnsIntoItsBoundsWithoutALookAtAnyMetric) {
  HpaShop shop;
  shop.observation.desired_replicas = 60;
  EXPECT_EQ(shop.See(20), 50);
  EXPECT_THAT(shop.last.recommendations, IsEmpty());
  EXPECT_THAT(shop.last.clamps, ElementsAre(Field(&Clamp::rule, Rule::kMax)));
  shop.policy.replicas.min = 55;
  shop.policy.replicas.max = 70;
  EXPECT_EQ(shop.See(20), 55);
  EXPECT_THAT(shop.last.clamps, ElementsAre(Field(&Clamp::rule, Rule::kMin)));
}

TEST(HpaProfile, WhatSomebodyHasSetToNoReplicasIsLeftAlone) {
  HpaShop shop;
  shop.observation.desired_replicas = 0;
  EXPECT_EQ(shop.See(1000), 0);
  EXPECT_EQ(shop.last.outcome, Outcome::kHeld);
}

TEST(HpaProfile, LearnsNothing) {
  HpaShop shop;
  shop.policy.signals.requests->per_replica_per_second.reset();
  shop.See(1000);
  EXPECT_EQ(shop.last.outcome, Outcome::kHeld);
  EXPECT_THAT(shop.last.left_out, ElementsAre(Field(&LeftOut::what, "requests")));
}

TEST(HpaProfile, ForeignPodsAreNotAveragedIn) {
  HpaShop shop;
  shop.policy.signals.requests.reset();
  shop.policy.signals.cpu = UtilizationSignal{0.5};
  Pod pod;
  pod.ready = true;
  pod.cpu_request_cores = 1;
  pod.cpu_cores = Sampled<double>{1.0, shop.observation.now};
  shop.observation.pods.assign(2, pod);
  shop.observation.pods.back().owned = false;
  shop.observation.pods.back().cpu_cores->value = 0;
  EXPECT_EQ(shop.See(0), 2);
}

/// Decided by us, beside the HPA.
HpaShop ShopOfOurs() { return HpaShop(Algorithm::kObjective); }

TEST(HpaShadow, EveryDecisionTellsWhatTheHpaWouldHaveDone) {
  auto shop = ShopOfOurs();
  shop.policy.behavior = {};
  EXPECT_GE(shop.See(1000), 50);
  EXPECT_EQ(shop.last.hpa, 4);  // From one, without behavior, at most to four.
  shop.See(1000);
  EXPECT_EQ(shop.last.hpa, 8);
}

TEST(HpaShadow, LooksEvery15Seconds) {
  auto shop = ShopOfOurs();
  shop.See(20);
  shop.See(60, seconds(14));
  EXPECT_EQ(shop.last.hpa, 1);
  shop.See(60, seconds(1));
  EXPECT_EQ(shop.last.hpa, 3);
}

TEST(HpaShadow, GoesDownAfterFiveMinutesWhateverThePolicysWindowIs) {
  auto shop = ShopOfOurs();
  shop.policy.behavior = {};
  shop.See(60);
  shop.See(20, seconds(300));
  EXPECT_EQ(shop.last.hpa, 3);
  shop.See(20);
  EXPECT_EQ(shop.last.hpa, 1);
}

TEST(HpaShadow, HasAtLeastOneReplica) {
  auto shop = ShopOfOurs();
  shop.policy.replicas.min = 0;
  shop.policy.idle = Idle{seconds(10)};
  shop.See(0);
  shop.See(0, minutes(10));
  EXPECT_EQ(shop.last.desired, 0);
  EXPECT_EQ(shop.last.hpa, 1);
}

TEST(HpaShadow, IsSilentWhereNoSignalIsForAnHpaOrNobodyReportsIt) {
  auto shop = ShopOfOurs();
  shop.policy.signals.requests->per_replica_per_second.reset();
  shop.See(20);
  EXPECT_EQ(shop.last.hpa, std::nullopt);
  shop.policy.signals.requests = RequestsSignal{20};
  shop.observation.now += minutes(1);
  EXPECT_EQ(Decide(shop.policy, {}, shop.observation).decision.hpa, std::nullopt);
}

TEST(HpaShadow, RemembersLittle) {
  auto shop = ShopOfOurs();
  for (int i = 0; i < 2000; ++i) {
    shop.See(1000.0 - i / 3.0, seconds(1));
    ASSERT_THAT(shop.state.hpa->highest, SizeIs(Le(21U)));
  }
}

TEST(HpaShadow, LeavesTheStateOfAnIdleWorkloadAlone) {
  auto shop = ShopOfOurs();
  shop.See(20);
  shop.See(0, minutes(10));
  shop.See(0, minutes(10));
  const auto before = shop.state.hpa;
  shop.See(0, minutes(10));
  EXPECT_EQ(shop.state.hpa, before);
}

}  // namespace
}  // namespace scaler::engine

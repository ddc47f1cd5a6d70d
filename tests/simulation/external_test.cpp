#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "simulation/world.h"

namespace simulation {
namespace {

using scaler::engine::LeftOut;
using scaler::engine::Outcome;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kQueues = R"(
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: shops}
spec:
  target: {selector: {matchLabels: {app.kubernetes.io/part-of: shop}}}
  replicas: {max: 12}
  signals: {queue: {prometheus: 'sum(queue_messages{shop="$tenant"})', perReplica: 100}}
)";

std::string QueryOf(const std::string& shop) {
  return "sum(queue_messages{shop=\"" + shop + "\"})";
}

/// A shop with a queue of 450 messages, for which five replicas are enough.
class ExternalSignal : public ::testing::Test {
 protected:
  explicit ExternalSignal(const std::string& policy = kQueues) {
    world_.WritePolicy(policy);
    world_.AddShop("shop", 0, 1);
    world_.prometheus.Set(QueryOf("shop"), 450);
    world_.StartScaler();
    world_.executor.RunFor(seconds(2));
  }
  ~ExternalSignal() override { EXPECT_THAT(world_.prometheus.Complaints(), IsEmpty()); }

  [[nodiscard]] scaler::signals::ExternalStatus Status() const {
    return *world_.board.Get()->external;
  }

  /// Runs so long and looks every second whether nothing was taken away.
  void ExpectFiveFor(std::chrono::seconds duration) {
    for (std::chrono::seconds passed{0}; passed < duration; passed += seconds(1)) {
      world_.executor.RunFor(seconds(1));
      ASSERT_EQ(world_.platform.Desired("shop"), 5) << passed.count() << " s later";
    }
  }

  World world_{51};
};

TEST_F(ExternalSignal, ScalesByItsQueryForTheTenant) {
  EXPECT_EQ(world_.platform.Desired("shop"), 5) << "it is asked at once";
  EXPECT_THAT(world_.DecisionOf("shop").recommendations,
              Contains(scaler::engine::Recommendation{"queue", 450, 100, 5}));

  world_.prometheus.Set(QueryOf("shop"), 1100);
  world_.executor.RunFor(seconds(11));
  EXPECT_EQ(world_.platform.Desired("shop"), 11);
  world_.prometheus.Set(QueryOf("shop"), 90);
  world_.executor.RunFor(minutes(2));
  EXPECT_EQ(world_.platform.Desired("shop"), 1);
  EXPECT_NEAR(world_.prometheus.Asked(), 14, 1) << "every ten seconds";
  for (const auto& entry : world_.Entries()) {
    ASSERT_TRUE(scaler::codec::Replays(entry.line)) << scaler::codec::EncodeLine(entry.line);
  }
}

TEST_F(ExternalSignal, WithoutAnAnswerNothingIsTakenAway) {
  world_.prometheus.SetDown(true);
  ExpectFiveFor(minutes(10));

  const auto decision = world_.DecisionOf("shop");
  EXPECT_EQ(decision.outcome, Outcome::kHeld);
  EXPECT_THAT(decision.left_out, Contains(LeftOut{"queue", "Prometheus is down"}));
  EXPECT_EQ(Status().failing, 1U);
  EXPECT_EQ(Status().problem, "Prometheus is down");
  EXPECT_GT(Status().failed_total, 50U);

  world_.prometheus.SetDown(false);
  world_.prometheus.Set(QueryOf("shop"), 700);
  world_.executor.RunFor(seconds(11));
  EXPECT_EQ(world_.platform.Desired("shop"), 7);
  EXPECT_EQ(Status().failing, 0U);
}

TEST_F(ExternalSignal, AQueryThatGivesNothingIsNotZero) {
  world_.prometheus.SetError(QueryOf("shop"), "the query gives nothing");
  ExpectFiveFor(minutes(5));
  EXPECT_EQ(world_.DecisionOf("shop").outcome, Outcome::kHeld);
}

TEST_F(ExternalSignal, AQuestionWithoutAnAnswerEnds) {
  world_.prometheus.SetSilent(true);
  ExpectFiveFor(minutes(5));
  EXPECT_THAT(Status().problem, HasSubstr("no answer within 5s"));

  world_.prometheus.SetSilent(false);
  world_.prometheus.Set(QueryOf("shop"), 700);
  world_.executor.RunFor(seconds(16));
  EXPECT_EQ(world_.platform.Desired("shop"), 7);
}

TEST_F(ExternalSignal, AFailureThatIsOverBeforeTheAnswerIsOldChangesNothing) {
  world_.executor.RunFor(seconds(30));
  const auto lines = world_.Lines().size();
  world_.prometheus.SetDown(true);
  world_.executor.RunFor(seconds(12));
  world_.prometheus.SetDown(false);
  world_.executor.RunFor(seconds(30));
  EXPECT_EQ(world_.Lines().size(), lines);
}

TEST_F(ExternalSignal, WhatNoPolicyNamesIsAskedNoMore) {
  world_.WritePolicy(kShops);
  world_.executor.RunFor(seconds(3));
  const int asked = world_.prometheus.Asked();

  world_.executor.RunFor(minutes(1));

  EXPECT_EQ(world_.prometheus.Asked(), asked);
  EXPECT_EQ(Status().queries, 0U);
}

TEST_F(ExternalSignal, ManyQueriesAreAskedAFewAtATime) {
  for (int number = 100; number < 400; ++number) {
    const auto name = "shop-" + std::to_string(number);
    world_.AddShop(name, 0, 1);
    world_.prometheus.Set(QueryOf(name), 250);
  }
  world_.executor.RunFor(seconds(20));
  for (const auto& shop : world_.shops) {
    EXPECT_EQ(world_.platform.Desired(shop), shop == "shop" ? 5 : 3) << shop;
  }
  EXPECT_EQ(world_.prometheus.MostAtOnce(), 4);
  EXPECT_EQ(Status().queries, 301U);
}

class ExternalFallback : public ExternalSignal {
 protected:
  ExternalFallback()
      : ExternalSignal(std::string(kQueues) + "  guards: {onMissing: {fallback: 8}}\n") {}
};

TEST_F(ExternalFallback, IsAsThePolicySays) {
  world_.executor.RunFor(minutes(2));
  EXPECT_EQ(world_.platform.Desired("shop"), 5);
  world_.prometheus.SetDown(true);
  world_.executor.RunFor(minutes(1));
  EXPECT_EQ(world_.platform.Desired("shop"), 8);
}

}  // namespace
}  // namespace simulation

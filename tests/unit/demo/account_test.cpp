#include "tests/demo/traffic/account.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace demo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr std::size_t kShop = 0;
constexpr std::size_t kNeighbour = 1;

MonotonicTime At(double seconds) {
  return MonotonicTime(std::chrono::nanoseconds(std::llround((1000 + seconds) * 1e9)));
}

/// Two shops; the first one serves from the beginning, the second one is at zero.
class AccountTest : public ::testing::Test {
 protected:
  AccountTest() { account_.SetServing(kShop); }

  void Answered(double seconds, const std::string& replica = "shop-1", std::size_t tenant = kShop) {
    account_.Apply(Outcome{.tenant = tenant,
                           .sent = At(seconds - 0.01),
                           .ended = At(seconds),
                           .fate = Fate::kAnswered,
                           .status = 200,
                           .replica = replica});
  }
  void Waking(double seconds, std::size_t tenant = kShop) {
    account_.Apply(Outcome{.tenant = tenant,
                           .sent = At(seconds - 0.01),
                           .ended = At(seconds),
                           .fate = Fate::kWaking,
                           .status = 503,
                           .replica = {}});
  }
  void Reset(double seconds, std::size_t tenant = kShop, double took = 0.01) {
    account_.Apply(Outcome{.tenant = tenant,
                           .sent = At(seconds - took),
                           .ended = At(seconds),
                           .fate = Fate::kReset,
                           .status = 0,
                           .replica = {}});
  }
  void ScaledTo(double seconds, int from, int to, std::size_t tenant = kShop) {
    account_.Apply(Scaled{.tenant = tenant, .at = At(seconds), .from = from, .to = to});
  }
  std::uint64_t Failed(Cause cause) { return account_.GetTotals().FailedBy(cause); }

  Account account_{{"shop", "neighbour"}};
};

TEST_F(AccountTest, WhatWasUnderWayOnANodeThatWasTakenIsLostToTheReclaim) {
  account_.Apply(NodeTaken{.reclaim = 3, .at = At(10), .until = At(10.3), .tenants = {"shop"}});
  Reset(10.1, kShop, 0.5);  // Sent before, broken off by it.
  Reset(10.4, kShop, 0.2);  // Sent while the replica was dying.
  Reset(10.4, kNeighbour, 0.2);
  Reset(11, kShop, 0.1);  // Sent when it was dead: somebody should have known.
  EXPECT_EQ(Failed(Cause::kLostToReclaim), 2U);
  EXPECT_EQ(account_.GetTotals().Failed(), 4U);
  EXPECT_THAT(account_.LostToReclaims(), ElementsAre(Pair(3U, 2U)));
}

TEST_F(AccountTest, CountsWhatWasAnswered) {
  Answered(1);
  Answered(2);

  EXPECT_EQ(account_.GetTotals().sent, 2U);
  EXPECT_EQ(account_.GetTotals().answered, 2U);
  EXPECT_EQ(account_.GetTotals().Failed(), 0U);
}

TEST_F(AccountTest, AWakeLastsFromTheFirstRefusalToTheFirstAnswer) {
  Waking(1.0, kNeighbour);
  ScaledTo(1.1, 0, 1, kNeighbour);
  Waking(1.5, kNeighbour);
  Answered(2.25, "neighbour-1", kNeighbour);

  ASSERT_THAT(account_.Wakes(), SizeIs(1));
  EXPECT_EQ(account_.Wakes()[0].tenant, "neighbour");
  EXPECT_DOUBLE_EQ(account_.Wakes()[0].seconds, 1.25);
  EXPECT_NEAR(account_.Wakes()[0].decision_seconds, 0.11, 1e-9);
  EXPECT_EQ(account_.Wakes()[0].refused, 2);
  EXPECT_EQ(account_.GetTotals().waking, 2U);
  EXPECT_EQ(account_.GetTotals().Failed(), 0U);
  EXPECT_THAT(account_.StillWaking(), IsEmpty());
}

TEST_F(AccountTest, AShopSleepsAgainFromTheDecisionToZeroOn) {
  Answered(1);
  ScaledTo(10, 1, 0);
  Waking(12);

  EXPECT_EQ(account_.GetTotals().waking, 1U);
  EXPECT_EQ(account_.GetTotals().scaled_to_zero, 1U);
  EXPECT_THAT(account_.StillWaking(), ElementsAre("shop"));
}

TEST_F(AccountTest, AWakingPageOfAShopThatShouldServeIsAFailure) {
  Answered(1);
  Waking(2);

  EXPECT_EQ(account_.GetTotals().waking, 0U);
  EXPECT_EQ(Failed(Cause::kOther), 1U);
}

TEST_F(AccountTest, AWakingPageAfterTheFirstAnswerOfAWakeIsLostToScaling) {
  Waking(1.0, kNeighbour);
  ScaledTo(1.1, 0, 1, kNeighbour);
  Answered(2, "neighbour-1", kNeighbour);
  Waking(2.5, kNeighbour);

  EXPECT_EQ(Failed(Cause::kLostToScaling), 1U);
}

TEST_F(AccountTest, AFailureSoonAfterAScalingIsLostToIt) {
  ScaledTo(10, 3, 1);
  Reset(12);
  Reset(26);

  EXPECT_EQ(Failed(Cause::kLostToScaling), 1U);
  EXPECT_EQ(Failed(Cause::kOther), 1U);
  ASSERT_THAT(account_.Losses(), SizeIs(2));
  EXPECT_EQ(account_.Losses()[0].cause, Cause::kLostToScaling);
}

TEST_F(AccountTest, AResetOfAShopAtZeroIsLostToScaling) {
  Reset(1, kNeighbour);

  EXPECT_EQ(Failed(Cause::kLostToScaling), 1U);
}

TEST_F(AccountTest, AnInjectedFaultExplainsFailuresUntilTheShopServesAgain) {
  account_.Apply(FaultInjected{.tenant = kShop, .at = At(1), .fault = Fault::kCrash});
  Answered(1.01);
  Reset(1.2);
  Waking(1.5);
  account_.Apply(Recovered{.tenant = kShop, .at = At(2)});
  Reset(2.2);
  Answered(2.3);
  Reset(3);

  EXPECT_EQ(Failed(Cause::kInjected), 3U);
  EXPECT_EQ(Failed(Cause::kOther), 1U);
  EXPECT_THAT(account_.Losses(), SizeIs(1));
}

TEST_F(AccountTest, ARequestThatWasUnderWayDuringAFaultIsPartOfIt) {
  account_.Apply(FaultInjected{.tenant = kShop, .at = At(1), .fault = Fault::kHang});
  account_.Apply(Recovered{.tenant = kShop, .at = At(4)});
  Answered(4.1);
  Reset(6, kShop, 5.2);

  EXPECT_EQ(Failed(Cause::kInjected), 1U);
}

TEST_F(AccountTest, AFaultExplainsNothingOfTheNeighbours) {
  account_.SetServing(kNeighbour);
  account_.Apply(FaultInjected{.tenant = kShop, .at = At(1), .fault = Fault::kLeak});
  Reset(1.5, kNeighbour);

  EXPECT_EQ(Failed(Cause::kInjected), 0U);
  EXPECT_EQ(Failed(Cause::kOther), 1U);
}

TEST_F(AccountTest, AFaultExplainsNothingForever) {
  account_.Apply(FaultInjected{.tenant = kShop, .at = At(1), .fault = Fault::kLeak});
  Reset(30);

  EXPECT_EQ(Failed(Cause::kOther), 1U);
}

TEST_F(AccountTest, AHurtIngressExplainsFailuresOfAllUntilEachServesAgain) {
  account_.Apply(PartHurt{.fault = 0, .at = At(1), .is_ingress = true});
  Reset(1.5);
  Reset(1.6, kNeighbour);
  account_.Apply(PartBack{.fault = 0, .at = At(3)});
  Waking(3.5);
  Answered(3.7);
  Waking(3.9);

  EXPECT_EQ(Failed(Cause::kInjected), 3U);
  EXPECT_EQ(Failed(Cause::kOther), 1U) << "the shop served again before the last one";
  const auto& gap = account_.Gaps().at(0);
  EXPECT_EQ(gap.back, At(3));
  EXPECT_THAT(gap.failed, ElementsAre(Pair(Cause::kInjected, 3)));
  EXPECT_THAT(gap.failed_by_fate, ElementsAre(Pair("reset", 2), Pair("waking", 1)));
}

TEST_F(AccountTest, AHurtIngressExplainsNothingForever) {
  account_.Apply(PartHurt{.fault = 0, .at = At(1), .is_ingress = true});
  account_.Apply(PartBack{.fault = 0, .at = At(40)});
  Reset(39);
  Reset(61);

  EXPECT_EQ(Failed(Cause::kInjected), 1U);
  EXPECT_EQ(Failed(Cause::kOther), 1U);
}

TEST_F(AccountTest, APartBesideTheWayOfRequestsExplainsNothing) {
  account_.Apply(PartHurt{.fault = 7, .at = At(1), .is_ingress = false});
  Answered(1.5);
  Reset(2);
  account_.Apply(PartBack{.fault = 7, .at = At(3)});
  Reset(4);

  EXPECT_EQ(Failed(Cause::kOther), 2U);
  EXPECT_EQ(account_.Gaps().at(7).answered, 1U);
  EXPECT_THAT(account_.Gaps().at(7).failed, ElementsAre(Pair(Cause::kOther, 1)));
}

TEST_F(AccountTest, KnowsHowManyRequestsTheIngressHasLogged) {
  Answered(1);
  Waking(2);
  Reset(3);

  EXPECT_EQ(account_.GetTotals().WithStatus(), 2U);
}

TEST_F(AccountTest, MeasuresAStepToItsDecisionAndToTheFirstAnswerOfANewReplica) {
  Answered(9.9, "shop-1");
  account_.Apply(StepBegan{.tenant = kShop, .at = At(10)});
  Answered(10.1, "shop-1");
  ScaledTo(10.75, 1, 3);
  Answered(11, "shop-1");
  Answered(11.5, "shop-2");
  Answered(12, "shop-3");
  ScaledTo(12.5, 3, 4);

  ASSERT_THAT(account_.LoadSteps(), SizeIs(1));
  EXPECT_DOUBLE_EQ(account_.LoadSteps()[0].decision_seconds.value(), 0.75);
  EXPECT_DOUBLE_EQ(account_.LoadSteps()[0].serving_seconds.value(), 1.5);
}

TEST_F(AccountTest, AReplicaNameThatReturnsIsNewAgain) {
  Answered(1, "shop-2");
  Answered(19.9, "shop-1");
  account_.Apply(StepBegan{.tenant = kShop, .at = At(20)});
  ScaledTo(20.5, 1, 2);
  Answered(21, "shop-2");

  EXPECT_DOUBLE_EQ(account_.LoadSteps()[0].serving_seconds.value(), 1);
}

TEST_F(AccountTest, AStepThatNobodyFollowedHasNoTimes) {
  Answered(9.9, "shop-1");
  account_.Apply(StepBegan{.tenant = kShop, .at = At(10)});
  ScaledTo(11, 0, 1, kNeighbour);
  Answered(11.5, "shop-1");

  EXPECT_FALSE(account_.LoadSteps()[0].decision_seconds);
  EXPECT_FALSE(account_.LoadSteps()[0].serving_seconds);
}

}  // namespace
}  // namespace demo

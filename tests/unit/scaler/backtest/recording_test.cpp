#include "scaler/backtest/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/backtest/policy_rule.h"
#include "unit/scaler/backtest/history.h"

namespace scaler::backtest {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(Record, KeepsFewestAndMostOfEachPart) {
  const auto world = PromptWorld();
  const auto series = Minutes({100, 300, 300, 100});
  NeedRule rule(world, 1);
  const auto recording = Record(world, series, rule, {.parts = 4, .changes = 4});
  EXPECT_THAT(recording.fewest_ready, ElementsAre(1, 1, 3, 1));
  EXPECT_THAT(recording.most_ready, ElementsAre(1, 3, 3, 1));
  ASSERT_THAT(recording.changes, SizeIs(2));
  EXPECT_EQ(recording.changes[0].at, series.begin + std::chrono::minutes(1));
  EXPECT_EQ(recording.changes[0].from, 1);
  EXPECT_EQ(recording.changes[0].to, 3);
  EXPECT_FALSE(recording.changes[0].reason);
}

TEST(Record, FillsThePartsOfAStretchThatWasPassedOver) {
  const auto world = PromptWorld();
  NeedRule rule(world, 2);
  const auto recording =
      Record(world, Minutes({200, 200, 100, 100}), rule, {.parts = 8, .changes = 1});
  EXPECT_THAT(recording.most_ready, ElementsAre(2, 2, 2, 2, 1, 1, 1, 1));
}

TEST(Record, KeepsTheLargestChangesAndCountsTheOthers) {
  const auto world = PromptWorld();
  NeedRule rule(world, 1);
  const auto recording =
      Record(world, Minutes({100, 200, 900, 800}), rule, {.parts = 4, .changes = 1});
  ASSERT_THAT(recording.changes, SizeIs(1));
  EXPECT_EQ(recording.changes[0].to, 9);
  EXPECT_EQ(recording.changes_left_out, 2U);
}

TEST(Record, HasTheReasonsOfTheEngine) {
  const auto document =
      PolicyWith("  replicas: {min: 1, max: 2}\n  signals: {requests: {perReplica: 100/s}}\n");
  PolicyRule rule(PromptWorld(), document.terms.policy, {});
  const auto recording = Record(PromptWorld(), Minutes({100, 300}), rule, {});
  ASSERT_THAT(recording.changes, SizeIs(1));
  ASSERT_TRUE(recording.changes[0].reason);
  EXPECT_EQ(recording.changes[0].reason->clamps.back().rule, engine::Rule::kMax);
}

TEST(HighestDemand, IsTheHighestOfEachPart) {
  EXPECT_THAT(HighestDemand(Minutes({1, 5, 2, 3}), 2), ElementsAre(5, 3));
  EXPECT_THAT(HighestDemand(Minutes({1, 5}), 4), ElementsAre(1, 1, 5, 5));
}

}  // namespace
}  // namespace scaler::backtest

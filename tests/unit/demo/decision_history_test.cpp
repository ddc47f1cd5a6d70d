#include "tests/demo/stage/decision_history.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace demo {
namespace {

using std::chrono_literals::operator""ms;

common::MonotonicTime At(std::chrono::milliseconds time) { return common::MonotonicTime(time); }

DecisionLine ScalingLine(std::uint64_t id, std::chrono::milliseconds committed, int from, int to) {
  return {.id = id,
          .workload = "shop-1",
          .committed = At(committed),
          .time = {},
          .outcome = "scaled",
          .from = from,
          .to = to};
}

TEST(DecisionHistory, GoesOnWhereEachBeginsWithTheNumberOfTheOneBefore) {
  const auto history =
      CompareDecisions({1, 2}, {ScalingLine(1, 100ms, 1, 4), ScalingLine(2, 200ms, 4, 2)}, {});
  EXPECT_EQ(history.seen, 2U);
  EXPECT_EQ(history.forgotten, 0U);
  EXPECT_EQ(history.broken, 0U);
}

TEST(DecisionHistory, IsBrokenWhereOneWasForgotten) {
  EXPECT_EQ(CompareDecisions({7}, {}, {}).forgotten, 1U);
  const std::vector<DecisionLine> listed = {ScalingLine(1, 100ms, 1, 4),
                                            ScalingLine(2, 5000ms, 1, 3)};
  EXPECT_EQ(CompareDecisions({}, listed, {}).broken, 1U);
  EXPECT_EQ(CompareDecisions({}, listed, {At(4000ms)}).broken, 1U) << "it had time to be done";
  EXPECT_EQ(CompareDecisions({}, listed, {At(50ms)}).broken, 1U) << "killed before it";
}

TEST(DecisionHistory, WhatAKilledScalerHadOnlyWrittenDownIsMadeAnew) {
  const std::vector<DecisionLine> same = {ScalingLine(1, 100ms, 1, 4),
                                          ScalingLine(2, 5000ms, 1, 3)};
  EXPECT_EQ(CompareDecisions({}, same, {At(101ms)}).broken, 0U);
  const std::vector<DecisionLine> another = {ScalingLine(1, 100ms, 1, 4),
                                             ScalingLine(2, 5000ms, 2, 3)};
  EXPECT_EQ(CompareDecisions({}, another, {At(101ms)}).broken, 1U) << "from a number of nobody";
}

}  // namespace
}  // namespace demo

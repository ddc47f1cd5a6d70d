#include "scaler/backtest/tuning/tuning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "unit/scaler/backtest/tuning/costs.h"

namespace scaler::backtest::tuning {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

Series Hours(int hours, double rate) {
  return Minutes(std::vector<double>(static_cast<std::size_t>(hours) * 60, rate));
}

Extent ExtentOf(const Series& series) {
  Extent extent;
  extent.Add(series);
  return extent;
}

/// Nine blocks of an hour, in which every setting with `hold` of 10 min comes to what `held` says.
Tuning Judged(const std::function<Totals(std::size_t block)>& held) {
  const auto terms = StandingTerms();
  const auto standing = SettingOf(terms);
  const auto blocks = PartTime(ExtentOf(Hours(9, 50)), 1h);
  Search search(standing, Space(terms, kGoal.overload, kGoal.capacity), kGoal, FoldsOf(blocks));
  for (auto batch = search.Next(); !batch.empty(); batch = search.Next()) {
    for (const auto& setting : batch) {
      BlockTotals totals;
      for (std::size_t block = 0; block < blocks.count; ++block) {
        totals.push_back(setting.hold.time == Duration(10min) ? held(block) : Cost(10));
      }
      search.Take(std::move(totals));
    }
  }
  const BlockTotals some(blocks.count, Cost(12));
  BlockTotals early(blocks.count, Cost(20));
  early[0] = early[1] = Cost(1);
  return Judge("shops", search, {some, some, some, {some, early}}, standing, kGoal, blocks);
}

TEST(Shortage, SaysWhatThereIsAndWhatWouldBeNeeded) {
  const auto shortage = FindShortage(ExtentOf(Hours(30, 50)), 24h, kGoal);

  ASSERT_TRUE(shortage);
  EXPECT_EQ(shortage->length, 30h);
  EXPECT_EQ(shortage->needed, 7 * 24h);
  EXPECT_THAT(shortage->why, HasSubstr("2 blocks to choose by and 5 to hold out"));
  EXPECT_FALSE(FindShortage(ExtentOf(Hours(30, 50)), 4h, kGoal));
}

TEST(Shortage, IsAlsoOneOfRequests) {
  // 0.1 requests/s for two of seven hours are 720; 1 % of 1,000 are ten.
  const auto shortage = FindShortage(ExtentOf(Hours(7, 0.1)), 1h, kGoal);

  ASSERT_TRUE(shortage);
  EXPECT_NEAR(std::chrono::duration<double>(shortage->needed).count(), 7 * 3600 / 0.72, 1);
  EXPECT_THAT(shortage->why, HasSubstr("1000 requests to choose by"));
  EXPECT_TRUE(FindShortage(ExtentOf(Hours(7, 0)), 1h, kGoal)) << "nobody asked for anything";
}

TEST(Tuning, IsBetterWhereItIsSoInWhatWasHeldOut) {
  const auto tuning = Judged([](std::size_t /*block*/) { return Cost(8); });

  EXPECT_EQ(tuning.verdict, Verdict::kBetter);
  EXPECT_EQ(tuning.tuned.hold.time, Duration(10min));
  EXPECT_EQ(tuning.folds.Tested(), 6U);
  EXPECT_EQ(tuning.same_choice, 6U);
  EXPECT_EQ(tuning.better_in, 6U);
  EXPECT_EQ(tuning.runs[0].All().pod_hours, 60);
  EXPECT_EQ(tuning.runs[1].All().pod_hours, 48);
}

TEST(Tuning, ReportsOnlyBlocksThatWereHeldOut) {
  // Whoever reports what it was fitted on, reports the first three too.
  const auto tuning = Judged([](std::size_t block) { return Cost(block < 3 ? 1 : 8); });

  EXPECT_EQ(tuning.runs[1].All().pod_hours, 6 * 8);
  EXPECT_EQ(tuning.runs[1].All().requests, 6e6);
}

TEST(Tuning, OfWhatHelpedInTheFirstThirdAndHarmsSinceIsNoReasonToChange) {
  const auto tuning = Judged([](std::size_t block) { return Cost(block < 3 ? 5 : 11); });

  EXPECT_EQ(tuning.chosen.front().hold.time, Duration(10min))
      << "by the blocks before it, it is best";
  EXPECT_EQ(tuning.tuned.hold.time, Duration(10min)) << "and by all of them together too";
  EXPECT_EQ(tuning.runs[1].All().pod_hours, 66) << "but not where it was held out";
  EXPECT_EQ(tuning.verdict, Verdict::kNotSignificant);
}

TEST(Tuning, ThatIsCheaperByBreakingTheObjectiveIsNoReasonToChange) {
  const auto tuning =
      Judged([](std::size_t block) { return block < 3 ? Cost(5, 0.009) : Cost(2, 0.012); });

  EXPECT_EQ(tuning.verdict, Verdict::kBreaksTheObjective);
}

TEST(Tuning, KeepsWhatStandsWhereNothingIsBetter) {
  const auto tuning = Judged([](std::size_t /*block*/) { return Cost(12); });

  EXPECT_EQ(tuning.verdict, Verdict::kNothingBetter);
  EXPECT_EQ(tuning.tuned, tuning.standing);
}

TEST(Tuning, FitsPeakHoldAsItFitsItself) {
  const auto tuning = Judged([](std::size_t /*block*/) { return Cost(8); });

  const auto& rule = tuning.runs[3];
  EXPECT_EQ(rule.name, "peak-hold");
  // The second of the sweep is the best before blocks 3 and 4, where it is held out; not after.
  EXPECT_EQ(rule.All().pod_hours, 2 * 20 + 4 * 12);
}

}  // namespace
}  // namespace scaler::backtest::tuning

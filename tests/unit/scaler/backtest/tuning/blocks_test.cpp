#include "scaler/backtest/tuning/blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/backtest/foresight.h"
#include "scaler/backtest/peak_hold.h"
#include "scaler/backtest/tuning/tuning.h"
#include "unit/scaler/backtest/history.h"

namespace scaler::backtest::tuning {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using namespace std::chrono_literals;

Series Hilly(int minutes) {
  std::vector<double> rates;
  for (int minute = 0; minute < minutes; ++minute) {
    rates.push_back(50 + minute * 37 % 450);
  }
  return Minutes(std::move(rates));
}

Blocks PartOf(const Series& series, Duration block) {
  Extent extent;
  extent.Add(series);
  return PartTime(extent, block);
}

TEST(BlocksOfTime, AreOfOneLengthAndWhatIsLeftOverComesFirst) {
  const auto series = Hilly(65);

  const auto blocks = PartOf(series, 20min);

  EXPECT_EQ(blocks.count, 3U);
  EXPECT_THAT(blocks.Ends(series), ElementsAre(25min, 45min, 65min));
}

TEST(BlocksOfTime, AreNoMoreThanThirty) {
  const auto blocks = PartOf(Hilly(65), 1min);

  EXPECT_EQ(blocks.length, 3min);
  EXPECT_EQ(blocks.count, 21U);
}

TEST(BlocksOfTime, OfASeriesThatBeginsLaterAreThoseOfAll) {
  auto late = Hilly(40);
  const auto early = Hilly(60);
  late.begin = early.begin + 20min;
  Extent extent;
  extent.Add(early);
  extent.Add(late);

  const auto blocks = PartTime(extent, 20min);

  EXPECT_EQ(extent.Length(), 60min);
  EXPECT_THAT(blocks.Ends(early), ElementsAre(20min, 40min, 60min));
  EXPECT_THAT(blocks.Ends(late), ElementsAre(0min, 20min, 40min));
  PeakHoldRule rule(PromptWorld(), {});
  EXPECT_EQ(PlayRule(PromptWorld(), late, rule, blocks).front(), Totals());
}

TEST(BlocksOfTime, OfSeriesOfDifferentTimesAreEachItsOwn) {
  auto later = Hilly(60);
  later.begin += 24h * 365;
  Extent extent;
  extent.Add(Hilly(60));
  extent.Add(later);

  EXPECT_EQ(extent.Length(), 60min);
  EXPECT_THAT(PartTime(extent, 20min).Ends(later), ElementsAre(20min, 40min, 60min));
}

TEST(BlockTotals, AddUpToWhatTheWholeCameTo) {
  const auto world = PromptWorld();
  const auto series = Hilly(65);
  PeakHoldRule once(world, {.factor = 1.1, .hold = 5min, .min = 1});
  PeakHoldRule parted(world, {.factor = 1.1, .hold = 5min, .min = 1});

  const auto blocks = PlayRule(world, series, parted, PartOf(series, 7min));
  const auto whole = backtest::PlayRule(world, series, once).total;

  EXPECT_THAT(blocks, SizeIs(9));
  const auto sum = Sum(blocks, 0, blocks.size());
  EXPECT_THAT(sum.pod_hours, DoubleNear(whole.pod_hours, 1e-9));
  EXPECT_THAT(sum.excess, DoubleNear(whole.excess, 1e-6));
  EXPECT_THAT(sum.requests, DoubleNear(whole.requests, 1e-6));
  EXPECT_EQ(sum.actions, whole.actions);
}

TEST(BlockTotals, EndWhereTheBlockEndsThoughNothingHappensThere) {
  const auto world = PromptWorld();
  const auto flat = Minutes(std::vector<double>(60, 250));
  PeakHoldRule rule(world, {.factor = 1, .hold = 0s, .min = 1});

  const auto blocks = PlayRule(world, flat, rule, PartOf(flat, 20min));

  ASSERT_THAT(blocks, SizeIs(3));
  for (const auto& block : blocks) {
    EXPECT_THAT(block.pod_hours, DoubleNear(1, 1e-9));
  }
}

TEST(BlockTotals, OfForesightAddUpToo) {
  const auto world = PromptWorld();
  const auto series = Hilly(65);

  const auto blocks = PlayOracle(world, series, 1, PartOf(series, 7min));

  EXPECT_THAT(Sum(blocks, 0, blocks.size()).pod_hours,
              DoubleNear(backtest::PlayOracle(world, series, 1, 1).total.pod_hours, 1e-9));
}

}  // namespace
}  // namespace scaler::backtest::tuning

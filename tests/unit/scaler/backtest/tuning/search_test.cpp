#include "scaler/backtest/tuning/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "unit/scaler/backtest/tuning/costs.h"

namespace scaler::backtest::tuning {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBlocks = 9;

/// What a setting comes to in a block, as the test wants it.
using Outcomes = std::function<Totals(const Setting&, std::size_t block)>;

Search Searched(const Outcomes& outcomes) {
  const auto terms = StandingTerms();
  Search search(SettingOf(terms), Space(terms, kGoal.overload, kGoal.capacity), kGoal,
                {.blocks = kBlocks, .first_tested = 3});
  for (auto batch = search.Next(); !batch.empty(); batch = search.Next()) {
    for (const auto& setting : batch) {
      BlockTotals blocks;
      for (std::size_t block = 0; block < kBlocks; ++block) {
        blocks.push_back(outcomes(setting, block));
      }
      search.Take(std::move(blocks));
    }
  }
  return search;
}

TEST(LossOfAGoal, IsThePodHoursWhileTheObjectiveIsKept) {
  EXPECT_EQ(kGoal.Loss(Cost(10, 0.01)), 10);
  EXPECT_TRUE(kGoal.Keeps(Cost(10, 0.01)));
}

TEST(LossOfAGoal, WeighsWhatIsAboveTheObjectiveAsTheReplicaThatItWouldHaveBeenWorth) {
  // 36,000 requests too many; at 1 % a replica of 100/s is worth keeping for one request a second.
  EXPECT_NEAR(kGoal.Loss(Cost(10, 0.046)), 20, 1e-9);
  EXPECT_FALSE(kGoal.Keeps(Cost(10, 0.046)));
}

TEST(ConfidenceInATuning, IsAllWhereEachBlockIsBetterAndNoneWhereNoneIs) {
  const BlockTotals cheap(5, Cost(9));
  const BlockTotals dear(5, Cost(10));

  EXPECT_EQ(Confidence(dear, cheap, kGoal), 1);
  EXPECT_EQ(Confidence(cheap, dear, kGoal), 0);
  EXPECT_EQ(Confidence(cheap, cheap, kGoal), 0);
}

TEST(ConfidenceInATuning, IsLittleWhereOneBlockMakesAllOfIt) {
  const BlockTotals standing(5, Cost(10));
  auto lucky = BlockTotals(5, Cost(10.1));
  lucky.front() = Cost(5);

  const auto confidence = Confidence(standing, lucky, kGoal);

  EXPECT_GT(confidence, 0.5);
  EXPECT_LT(confidence, 0.8);
}

TEST(SearchForASetting, FindsValuesThatHelpOnlyTogether) {
  const auto search = Searched([](const Setting& setting, std::size_t /*block*/) {
    const double margin = setting.per_replica == 90 ? 0 : 1;
    const double hold = setting.hold.time == Duration(10min) ? 0 : 2;
    return Cost(10 + margin + hold);
  });

  EXPECT_EQ(search.Chosen(kBlocks).hold.time, Duration(10min));
  EXPECT_EQ(search.Chosen(kBlocks).per_replica, 90);
  EXPECT_EQ(Changes(SettingOf(StandingTerms()), search.Chosen(kBlocks)), 2);
}

TEST(SearchForASetting, LeavesWhatStandsForNothingLessThanAPerCent) {
  const auto search = Searched([](const Setting& setting, std::size_t /*block*/) {
    return Cost(setting.hold.time == Duration(10min) ? 9.95 : 10);
  });

  EXPECT_EQ(search.Chosen(kBlocks), SettingOf(StandingTerms()));
}

TEST(SearchForASetting, ChangesNoMoreThanHelps) {
  const auto search = Searched([](const Setting& setting, std::size_t /*block*/) {
    return Cost((setting.hold.time == Duration(10min) ? 8 : 10) -
                (setting.window == 0s ? 0.01 : 0));
  });

  EXPECT_EQ(search.Chosen(kBlocks).hold.time, Duration(10min));
  EXPECT_EQ(search.Chosen(kBlocks).window, 30s);
}

TEST(SearchForASetting, ChoosesForABlockByThoseBeforeItAlone) {
  // What comes later differs in everything: nothing of it may show in what was chosen before.
  const auto world = [](std::size_t turn, bool other) {
    return [turn, other](const Setting& setting, std::size_t block) {
      const auto best = block < turn || !other ? Duration(5min) : Duration(1h);
      const double window = block >= turn && other && setting.window == 600s ? -3 : 0;
      return Cost((setting.hold.time == best ? 8 : 10) + window +
                  0.01 * static_cast<double>(block));
    };
  };
  for (std::size_t turn = 3; turn < kBlocks; ++turn) {
    const auto one = Searched(world(turn, false));
    const auto other = Searched(world(turn, true));
    for (std::size_t until = 3; until <= turn; ++until) {
      EXPECT_EQ(one.Chosen(until), other.Chosen(until)) << turn << " " << until;
    }
    EXPECT_EQ(one.Chosen(turn).hold.time, Duration(5min));
    EXPECT_NE(one.BlocksOfChosen(kBlocks), other.BlocksOfChosen(kBlocks));
  }
}

TEST(SearchForASetting, LeavesATenthOfTheObjectiveForWhatComes) {
  const auto search = Searched([](const Setting& setting, std::size_t /*block*/) {
    if (setting.hold.time == Duration(2min)) {
      return Cost(7.9, 0.0099);
    }
    return setting.hold.time == Duration(10min) ? Cost(8, 0.009) : Cost(10, 0.009);
  });

  EXPECT_EQ(search.Chosen(kBlocks).hold.time, Duration(10min));
}

TEST(LeastOfASweep, IsChosenByTheBlocksBefore) {
  const std::vector<BlockTotals> runs{{Cost(5), Cost(5), Cost(5)}, {Cost(4), Cost(9), Cost(1)}};

  EXPECT_EQ(LeastBefore(runs, 1, kGoal), 1U);
  EXPECT_EQ(LeastBefore(runs, 2, kGoal), 0U);
}

}  // namespace
}  // namespace scaler::backtest::tuning

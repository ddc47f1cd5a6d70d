#include "scaler/backtest/tuning/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace scaler::backtest::tuning {
namespace {

constexpr std::size_t kLeastTrained = 2;
constexpr std::size_t kLeastTested = 5;
constexpr std::size_t kLeastBlocks = kLeastTrained + kLeastTested;
constexpr std::size_t kMostBlocks = 30;

/// Of the requests that may be in excess, so that a share of them can be told from none.
constexpr double kLeastInExcess = 10;

constexpr double kSure = 0.95;

HeldOut Held(const std::string& name, const BlockTotals& run, const Folds& folds) {
  return {name, {run.begin() + static_cast<std::ptrdiff_t>(folds.first_tested), run.end()}};
}

Verdict VerdictOf(const Tuning& tuning) {
  const auto standing = tuning.runs[0].All();
  const auto tuned = tuning.runs[1].All();
  if (tuning.tuned == tuning.standing) {
    return Verdict::kNothingBetter;
  }
  if (tuning.goal.Keeps(standing) && !tuning.goal.Keeps(tuned)) {
    return Verdict::kBreaksTheObjective;
  }
  return tuning.confidence >= kSure ? Verdict::kBetter : Verdict::kNotSignificant;
}

}  // namespace

Blocks PartTime(const Extent& extent, Duration block) {
  const auto all = extent.Length() / block;
  const auto merged = std::max<long>(
      1, (all + static_cast<long>(kMostBlocks) - 1) / static_cast<long>(kMostBlocks));
  Blocks blocks;
  blocks.length = block * merged;
  blocks.count = static_cast<std::size_t>(extent.Length() / blocks.length);
  blocks.first = extent.Length() - blocks.length * (static_cast<long>(blocks.count) - 1);
  blocks.one_time = extent.IsOneTime();
  blocks.begin = extent.earliest_begin;
  return blocks;
}

Folds FoldsOf(const Blocks& blocks) {
  return {.blocks = blocks.count, .first_tested = std::max(kLeastTrained, blocks.count / 3)};
}

std::optional<Shortage> FindShortage(const Extent& extent, Duration block, const Goal& goal) {
  const auto length = extent.Length();
  const Duration needed = block * static_cast<long>(kLeastBlocks);
  if (length < needed) {
    return Shortage{
        length, needed,
        fmt::format("{} blocks to choose by and {} to hold out", kLeastTrained, kLeastTested)};
  }
  const auto blocks = PartTime(extent, block);
  const double trained =
      static_cast<double>(FoldsOf(blocks).first_tested) / static_cast<double>(blocks.count);
  const double there = extent.requests * trained;
  const double wanted = kLeastInExcess / goal.overload;
  if (there >= wanted) {
    return std::nullopt;
  }
  // Nobody can say it of a history without requests.
  const auto times = there > 0 ? std::min(wanted / there, 1e6) : 1e6;
  return Shortage{length, Duration(static_cast<long>(static_cast<double>(length.count()) * times)),
                  fmt::format("{:.0f} requests to choose by, of which the objective would be {:.0f}"
                              "; there are {:.0f}",
                              wanted, kLeastInExcess, there)};
}

Tuning Judge(const std::string& name, const Search& search, const Others& others,
             const Setting& standing, const Goal& goal, const Blocks& blocks) {
  Tuning tuning;
  tuning.goal = goal;
  tuning.blocks = blocks;
  tuning.folds = FoldsOf(blocks);
  tuning.standing = standing;
  tuning.tuned = search.Chosen(blocks.count);
  tuning.played = search.Played();
  HeldOut tuned{"tuned", {}};
  HeldOut rule{"peak-hold", {}};
  const auto before = Held(name, search.BlocksOfStanding(), tuning.folds);
  for (auto block = tuning.folds.first_tested; block < blocks.count; ++block) {
    tuning.chosen.push_back(search.Chosen(block));
    tuning.same_choice += tuning.chosen.back() == tuning.tuned ? 1 : 0;
    tuned.blocks.push_back(search.BlocksOfChosen(block)[block]);
    rule.blocks.push_back(others.sweep[LeastBefore(others.sweep, block, goal)][block]);
    tuning.better_in +=
        goal.Loss(tuned.blocks.back()) < goal.Loss(before.blocks[tuned.blocks.size() - 1]) ? 1 : 0;
  }
  tuning.confidence = Confidence(before.blocks, tuned.blocks, goal);
  tuning.runs = {before,
                 tuned,
                 Held("hpa", others.hpa, tuning.folds),
                 rule,
                 Held("oracle", others.oracle, tuning.folds),
                 Held("floor", others.floor, tuning.folds)};
  tuning.verdict = VerdictOf(tuning);
  return tuning;
}

}  // namespace scaler::backtest::tuning

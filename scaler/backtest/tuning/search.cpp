#include "scaler/backtest/tuning/search.h"

#include <algorithm>
#include <utility>

namespace scaler::backtest::tuning {
namespace {

/// So many of the best are varied in each round: a value may help only together with another.
constexpr std::size_t kBeam = 2;
constexpr int kRounds = 4;
constexpr std::size_t kMostSettings = 400;

/// What stands is left for something that loses less by this share.
constexpr double kWorthAChange = 0.01;
/// Of those that lose as little but for this share, the one with the fewest changes.
constexpr double kAlike = 0.005;

}  // namespace

Search::Search(const Setting& standing, Space space, const Goal& goal, const Folds& folds)
    : space_(std::move(space)), goal_(goal.ToChooseBy()), settings_{standing} {
  for (auto until = folds.first_tested; until <= folds.blocks; ++until) {
    folds_.push_back({.until = until, .seen = {0}, .expanded = {}});
  }
}

std::vector<Setting> Search::Next() {
  if (played_.empty()) {
    return {settings_.front()};
  }
  if (++round_ > kRounds) {
    return {};
  }
  const auto before = settings_.size();
  for (auto& fold : folds_) {
    for (const auto index : Best(fold)) {
      if (!fold.expanded.insert(index).second || settings_.size() >= kMostSettings) {
        continue;
      }
      const auto one = settings_[index];
      for (const auto& neighbour : space_.Neighbours(one)) {
        fold.seen.insert(IndexOf(neighbour));
      }
    }
  }
  return {settings_.begin() + static_cast<std::ptrdiff_t>(before), settings_.end()};
}

void Search::Take(BlockTotals blocks) { played_.push_back(std::move(blocks)); }

std::size_t Search::IndexOf(const Setting& setting) {
  const auto found = std::find(settings_.begin(), settings_.end(), setting);
  if (found == settings_.end()) {
    settings_.push_back(setting);
    return settings_.size() - 1;
  }
  return static_cast<std::size_t>(found - settings_.begin());
}

double Search::LossOf(std::size_t setting, const Fold& fold) const {
  return goal_.Loss(Sum(played_[setting], 0, fold.until));
}

std::vector<std::size_t> Search::Best(const Fold& fold) const {
  std::vector<std::size_t> best(fold.seen.begin(), fold.seen.end());
  std::stable_sort(best.begin(), best.end(), [&](std::size_t left, std::size_t right) {
    return LossOf(left, fold) < LossOf(right, fold);
  });
  best.resize(std::min(best.size(), kBeam));
  return best;
}

std::size_t Search::Choice(const Fold& fold) const {
  const double least = LossOf(Best(fold).front(), fold);
  if (LossOf(0, fold) * (1 - kWorthAChange) <= least) {
    return 0;
  }
  std::size_t choice = 0;
  int fewest = 0;
  for (const auto index : fold.seen) {
    const int changes = Changes(settings_.front(), settings_[index]);
    const bool alike = LossOf(index, fold) <= least * (1 + kAlike);
    const bool fewer =
        changes < fewest || (changes == fewest && LossOf(index, fold) < LossOf(choice, fold));
    if (alike && (choice == 0 || fewer)) {
      choice = index;
      fewest = changes;
    }
  }
  return choice;
}

const Setting& Search::Chosen(std::size_t until) const {
  return settings_[Choice(folds_[until - folds_.front().until])];
}

const BlockTotals& Search::BlocksOfChosen(std::size_t until) const {
  return played_[Choice(folds_[until - folds_.front().until])];
}

std::size_t LeastBefore(const std::vector<BlockTotals>& runs, std::size_t until, const Goal& goal) {
  const auto choosing = goal.ToChooseBy();
  std::size_t least = 0;
  for (std::size_t run = 1; run < runs.size(); ++run) {
    if (choosing.Loss(Sum(runs[run], 0, until)) < choosing.Loss(Sum(runs[least], 0, until))) {
      least = run;
    }
  }
  return least;
}

}  // namespace scaler::backtest::tuning

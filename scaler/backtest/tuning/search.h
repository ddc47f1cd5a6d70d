#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "scaler/backtest/tuning/goal.h"
#include "scaler/backtest/tuning/setting.h"

namespace scaler::backtest::tuning {

/// How the blocks are used: a rolling origin. Each from `first_tested` on is held out once, and
/// tuned for by those before it alone.
struct Folds {
  std::size_t blocks = 0;
  std::size_t first_tested = 0;

  [[nodiscard]] std::size_t Tested() const { return blocks - first_tested; }
};

/// The best setting for each held-out block by those before it, and one by all of them. Settings
/// are played from the beginning of the history, each once; a fold looks at their blocks before its
/// own and at nobody else's choice.
///
///   while (!(batch = search.Next()).empty()) { for each of it: search.Take(blocks of it); }
class Search {
 public:
  Search(const Setting& standing, Space space, const Goal& goal, const Folds& folds);

  /// The settings to be played now; empty: it is done.
  [[nodiscard]] std::vector<Setting> Next();

  /// What came of the settings of Next, in their order.
  void Take(BlockTotals blocks);

  /// The choice by the blocks before `until`: first_tested to blocks.
  [[nodiscard]] const Setting& Chosen(std::size_t until) const;
  /// What came of it, and of what stands.
  [[nodiscard]] const BlockTotals& BlocksOfChosen(std::size_t until) const;
  [[nodiscard]] const BlockTotals& BlocksOfStanding() const { return played_.front(); }
  [[nodiscard]] std::size_t Played() const { return played_.size(); }

 private:
  struct Fold {
    std::size_t until = 0;
    std::set<std::size_t> seen;
    std::set<std::size_t> expanded;
  };

  [[nodiscard]] double LossOf(std::size_t setting, const Fold& fold) const;
  [[nodiscard]] std::vector<std::size_t> Best(const Fold& fold) const;
  [[nodiscard]] std::size_t Choice(const Fold& fold) const;
  [[nodiscard]] std::size_t IndexOf(const Setting& setting);

  Space space_;
  Goal goal_;
  std::vector<Fold> folds_;
  std::vector<Setting> settings_;    ///< The first is what stands.
  std::vector<BlockTotals> played_;  ///< Of the first of them.
  int round_ = 0;
};

/// Of runs that are all there from the beginning (the rules of a sweep) the one that loses least in
/// the blocks before `until`.
[[nodiscard]] std::size_t LeastBefore(const std::vector<BlockTotals>& runs, std::size_t until,
                                      const Goal& goal);

}  // namespace scaler::backtest::tuning

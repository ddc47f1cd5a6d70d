#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/backtest/tuning/search.h"

namespace scaler::backtest::tuning {

/// Why a history is too little to tune by.
struct Shortage {
  Duration length{};  ///< What there is.
  Duration needed{};
  std::string why;
};

/// Blocks of `block` each, or of a multiple of it where that would be more than 30; so many before
/// any is held out that there are two, and a third of all. Empty where there is a shortage.
[[nodiscard]] Blocks PartTime(const Extent& extent, Duration block);
[[nodiscard]] Folds FoldsOf(const Blocks& blocks);

/// At least 7 blocks, of which 5 are held out: of fewer, all could be better by chance. And before
/// any is held out so many requests that the objective would show as ten of them.
[[nodiscard]] std::optional<Shortage> FindShortage(const Extent& extent, Duration block,
                                                   const Goal& goal);

/// What the tuned policy is compared with, over the same blocks.
struct Others {
  BlockTotals hpa;
  BlockTotals oracle;
  BlockTotals floor;               ///< See FloorContender.
  std::vector<BlockTotals> sweep;  ///< Of peak-hold.
};

enum class Verdict {
  kBetter,
  kNothingBetter,      ///< By all of the history, what stands is as good as any.
  kNotSignificant,     ///< It might be chance.
  kBreaksTheObjective  ///< It costs less, with more in excess than is allowed; what stands has not.
};

/// One run over the blocks that were held out.
struct HeldOut {
  std::string name;
  BlockTotals blocks;

  [[nodiscard]] Totals All() const { return Sum(blocks, 0, blocks.size()); }
};

/// What came of tuning one policy. No figure in it is of a block that the run was chosen by.
struct Tuning {
  Verdict verdict = Verdict::kNothingBetter;
  Goal goal;
  Blocks blocks;
  Folds folds;
  Setting standing;
  Setting tuned;                ///< By all of the history.
  std::vector<Setting> chosen;  ///< For each held-out block, by those before it.
  std::size_t same_choice = 0;  ///< How many of these are `tuned`.
  std::size_t played = 0;       ///< Settings.
  double confidence = 0;        ///< See Confidence.
  std::size_t better_in = 0;    ///< Held-out blocks in which the tuned one loses less.
  /// What stands, "tuned", "hpa", "peak-hold", "oracle", "floor". Of those that are chosen, each
  /// block is of the choice by the blocks before it.
  std::vector<HeldOut> runs;
};

/// After the search's last batch.
[[nodiscard]] Tuning Judge(const std::string& name, const Search& search, const Others& others,
                           const Setting& standing, const Goal& goal, const Blocks& blocks);

}  // namespace scaler::backtest::tuning

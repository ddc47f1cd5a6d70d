#pragma once

#include <cstddef>
#include <vector>

#include "scaler/backtest/comparison.h"
#include "scaler/backtest/result.h"
#include "scaler/backtest/series.h"

namespace scaler::backtest::tuning {

/// What has to be known of a history before its time is parted.
struct Extent {
  std::size_t series = 0;
  Time earliest_begin = Time::max();
  Time latest_begin = Time::min();
  Time end = Time::min();
  Duration longest{};
  double requests = 0;

  void Add(const Series& one);

  /// Whether the series are of one time. Otherwise each is parted in its own.
  [[nodiscard]] bool IsOneTime() const { return latest_begin == earliest_begin || Overlaps(); }
  [[nodiscard]] Duration Length() const { return IsOneTime() ? end - earliest_begin : longest; }

 private:
  [[nodiscard]] bool Overlaps() const { return latest_begin - earliest_begin < longest; }
};

/// The time of a history in blocks of equal length, one after the other; what is left over is at
/// the beginning and belongs to the first.
struct Blocks {
  Duration length{};
  std::size_t count = 0;
  Duration first{};  ///< Length of the first one.
  bool one_time = true;
  Time begin{};  ///< Of the first, if `one_time`.

  /// Where each ends, since the beginning of the series.
  [[nodiscard]] std::vector<Duration> Ends(const Series& series) const;
};

/// What came of one series in each block.
using BlockTotals = std::vector<Totals>;

/// The series under a rule, from its beginning to its end in one go: what the rule learns in a
/// block it knows in those that follow.
[[nodiscard]] BlockTotals PlayRule(const World& world, const Series& series, Rule& rule,
                                   const Blocks& blocks);

/// The same for perfect foresight, as PlayOracle with all of a replica's capacity.
[[nodiscard]] BlockTotals PlayOracle(const World& world, const Series& series, int min,
                                     const Blocks& blocks);

/// Block by block.
void Add(const BlockTotals& some, BlockTotals& sum);

/// Of the blocks from `from`, before `until`.
[[nodiscard]] Totals Sum(const BlockTotals& blocks, std::size_t from, std::size_t until);

}  // namespace scaler::backtest::tuning

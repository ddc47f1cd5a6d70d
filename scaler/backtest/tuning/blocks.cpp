#include "scaler/backtest/tuning/blocks.h"

#include <algorithm>

#include "scaler/backtest/course.h"
#include "scaler/backtest/foresight.h"

namespace scaler::backtest::tuning {
namespace {

Totals Less(Totals all, const Totals& part) {
  all.pod_hours -= part.pod_hours;
  all.node_hours -= part.node_hours;
  all.requests -= part.requests;
  all.excess -= part.excess;
  all.cold_requests -= part.cold_requests;
  all.actions -= part.actions;
  all.reversals -= part.reversals;
  return all;
}

/// What passed since the last mark.
class Marks {
 public:
  void Mark(const Totals& now, BlockTotals& blocks) {
    blocks.push_back(Less(now, before_));
    before_ = now;
  }

 private:
  Totals before_;
};

}  // namespace

void Extent::Add(const Series& one) {
  ++series;
  earliest_begin = std::min(earliest_begin, one.begin);
  latest_begin = std::max(latest_begin, one.begin);
  end = std::max(end, one.begin + one.Length());
  longest = std::max(longest, one.Length());
  const double seconds = std::chrono::duration<double>(one.period).count();
  for (const double rate : one.rates) {
    requests += rate * seconds;
  }
}

std::vector<Duration> Blocks::Ends(const Series& series) const {
  const Duration shift = one_time ? begin - series.begin : Duration{};
  std::vector<Duration> ends;
  for (std::size_t block = 0; block < count; ++block) {
    ends.push_back(shift + first + length * static_cast<long>(block));
  }
  return ends;
}

BlockTotals PlayRule(const World& world, const Series& series, Rule& rule, const Blocks& blocks) {
  BlockTotals totals;
  Marks marks;
  const auto ends = blocks.Ends(series);
  Course course(world, series, rule.Delay(), rule.Begin(series.RateAt(Duration{})));
  while (!course.Over()) {
    const auto look = course.Next();
    while (totals.size() + 1 < ends.size() && look.elapsed >= ends[totals.size()]) {
      marks.Mark(course.Result().total, totals);
    }
    auto answer = rule.Decide(look);
    if (totals.size() + 1 < ends.size()) {
      answer.steady_until = std::min(answer.steady_until, series.begin + ends[totals.size()]);
    }
    course.Act(answer);
  }
  while (totals.size() < ends.size()) {
    marks.Mark(course.Result().total, totals);
  }
  return totals;
}

BlockTotals PlayOracle(const World& world, const Series& series, int min, const Blocks& blocks) {
  BlockTotals totals;
  Marks marks;
  auto until = series;
  for (const auto end : blocks.Ends(series)) {
    const auto samples = std::max(end, Duration{}) / series.period;
    const bool last = totals.size() + 1 == blocks.count;
    const auto some = last ? series.rates.size()
                           : std::min(static_cast<std::size_t>(samples), series.rates.size());
    until.rates.assign(series.rates.begin(),
                       series.rates.begin() + static_cast<std::ptrdiff_t>(some));
    marks.Mark(backtest::PlayOracle(world, until, 1, min).total, totals);
  }
  return totals;
}

void Add(const BlockTotals& some, BlockTotals& sum) {
  sum.resize(std::max(sum.size(), some.size()));
  for (std::size_t block = 0; block < some.size(); ++block) {
    sum[block] += some[block];
  }
}

Totals Sum(const BlockTotals& blocks, std::size_t from, std::size_t until) {
  Totals sum;
  for (std::size_t block = from; block < std::min(until, blocks.size()); ++block) {
    sum += blocks[block];
  }
  return sum;
}

}  // namespace scaler::backtest::tuning

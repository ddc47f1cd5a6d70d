#include "scaler/ctl/tune_play.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace scaler::ctl {
namespace {

using backtest::Series;
using backtest::World;
using backtest::tuning::Blocks;
using backtest::tuning::BlockTotals;
using common::Result;

/// What one run makes of a series, block by block.
using PlayBlocks = std::function<BlockTotals(const World&, const Series&)>;

PlayBlocks ByRule(const backtest::Contender& contender, const Blocks& blocks) {
  return [rule = contender.rule, &blocks](const World& world, const Series& series) {
    return backtest::tuning::PlayRule(world, series, *rule(world, series), blocks);
  };
}

/// Each run over all series.
Result<std::vector<BlockTotals>> PlayRuns(const std::vector<PlayBlocks>& runs, const TuneTask& task,
                                          const OpenAgain& open, const Tell& tell) {
  const auto history = open();
  if (!history) {
    return tl::make_unexpected(history.error());
  }
  std::vector<BlockTotals> sums(runs.size());
  std::vector<BlockTotals> results;
  Pass pass;
  pass.tasks = runs.size();
  pass.begin = [&](const std::vector<Series>& some) {
    results.assign(some.size() * runs.size(), BlockTotals());
  };
  pass.play = [&](const Series& series, std::size_t place, std::size_t run) {
    results[place * runs.size() + run] = runs[run](backtest::Fitted(task.world, series), series);
  };
  pass.end = [&](const std::vector<Series>& /*some*/) {
    for (std::size_t i = 0; i < results.size(); ++i) {
      backtest::tuning::Add(results[i], sums[i % runs.size()]);
    }
  };
  if (const auto gone = GoThrough(**history, task.threads, pass, tell); !gone) {
    return tl::make_unexpected(gone.error());
  }
  return sums;
}

Result<backtest::tuning::Others> PlayOthers(const TuneTask& task, const OpenAgain& open,
                                            const Blocks& blocks, const Tell& tell) {
  const int min = task.document.terms.policy.replicas.min;
  backtest::HpaOptions hpa;
  hpa.min = std::max(min, 1);
  std::vector<PlayBlocks> runs{ByRule(backtest::HpaContender("hpa", hpa), blocks),
                               [&, min](const World& world, const Series& series) {
                                 return backtest::tuning::PlayOracle(world, series, min, blocks);
                               },
                               ByRule(backtest::FloorContender(min), blocks)};
  const auto first_of_sweep = static_cast<std::ptrdiff_t>(runs.size());
  for (const auto& options : backtest::PeakHoldSweep(min)) {
    runs.push_back(ByRule(backtest::PeakHoldContender(options), blocks));
  }
  auto played = PlayRuns(runs, task, open, tell);
  if (!played) {
    return tl::make_unexpected(played.error());
  }
  return backtest::tuning::Others{.hpa = std::move((*played)[0]),
                                  .oracle = std::move((*played)[1]),
                                  .floor = std::move((*played)[2]),
                                  .sweep = {played->begin() + first_of_sweep, played->end()}};
}

}  // namespace

Result<backtest::tuning::Extent> Measure(const OpenAgain& open, unsigned threads,
                                         const Tell& tell) {
  const auto history = open();
  if (!history) {
    return tl::make_unexpected(history.error());
  }
  backtest::tuning::Extent extent;
  Pass pass;
  pass.begin = [](const std::vector<Series>& /*some*/) {};
  pass.play = [](const Series& /*series*/, std::size_t /*place*/, std::size_t /*task*/) {};
  pass.end = [&](const std::vector<Series>& some) {
    for (const auto& series : some) {
      extent.Add(series);
    }
  };
  if (const auto gone = GoThrough(**history, threads, pass, tell); !gone) {
    return tl::make_unexpected(gone.error());
  }
  return extent;
}

Result<backtest::tuning::Tuning> TuneOne(const TuneTask& task, const OpenAgain& open,
                                         const Blocks& blocks, const Tell& tell) {
  constexpr double kStages = 6;  // The others, what stands, and at most four rounds.
  double stage = 0;
  const auto others = PlayOthers(task, open, blocks, [&](double share, const std::string& series) {
    tell(share / kStages, "baselines over " + series);
  });
  if (!others) {
    return tl::make_unexpected(others.error());
  }
  const auto standing = backtest::tuning::SettingOf(task.document.terms);
  backtest::tuning::Search search(
      standing,
      backtest::tuning::Space(task.document.terms, task.goal.overload, task.goal.capacity),
      task.goal, backtest::tuning::FoldsOf(blocks));
  for (auto batch = search.Next(); !batch.empty(); batch = search.Next()) {
    stage += 1;
    std::vector<PlayBlocks> runs;
    for (const auto& setting : batch) {
      runs.push_back(ByRule(
          backtest::PolicyContender(task.name, backtest::tuning::Changed(task.document, setting)),
          blocks));
    }
    auto played = PlayRuns(runs, task, open, [&](double share, const std::string& series) {
      tell((stage + share) / kStages, fmt::format("{} settings over {}", batch.size(), series));
    });
    if (!played) {
      return tl::make_unexpected(played.error());
    }
    for (auto& one : *played) {
      search.Take(std::move(one));
    }
  }
  return Judge(task.name, search, *others, standing, task.goal, blocks);
}

}  // namespace scaler::ctl

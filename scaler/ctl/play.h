#pragma once

#include <functional>
#include <string>
#include <vector>

#include "scaler/backtest/comparison.h"
#include "scaler/backtest/history/history.h"
#include "scaler/backtest/plan.h"
#include "scaler/policy/scaling_group.h"

namespace scaler::ctl {

/// Told of the share that is done, from 0 to 1, from the thread that plays; some times a second.
using Tell = std::function<void(double share, const std::string& words)>;

/// What is done with each series of a history: `play` for each of `tasks` numbers, on any thread.
struct Pass {
  std::size_t tasks = 1;
  /// Before a batch of series is played, and when all of it was; from the caller's thread.
  std::function<void(const std::vector<backtest::Series>& batch)> begin;
  std::function<void(const backtest::Series& series, std::size_t place, std::size_t task)> play;
  std::function<void(const std::vector<backtest::Series>& batch)> end;
};

/// Goes once through a history, on `threads` threads (0: one for each core), holding some series at
/// a time. Fails as the history does, and where it has no series.
[[nodiscard]] common::Result<void> GoThrough(backtest::history::History& history, unsigned threads,
                                             const Pass& pass, const Tell& tell);

/// Plays every series of a history, on `threads` threads, holding some series at a time: as the
/// results do not know of it, they do not depend on how many. The world has no nodes where there
/// are several series. Fails as the history does, and where it has no series.
[[nodiscard]] common::Result<void> PlayAll(backtest::history::History& history, unsigned threads,
                                           backtest::Comparison& comparison, const Tell& tell);

/// The same where the plan's policies are played under the caps of groups: all series are held at
/// once, at most kMostValues values.
[[nodiscard]] common::Result<void> PlayInGroups(backtest::history::History& history,
                                                unsigned threads, const backtest::Plan& plan,
                                                const std::vector<policy::ScalingGroup>& groups,
                                                backtest::Comparison& comparison, const Tell& tell);

}  // namespace scaler::ctl

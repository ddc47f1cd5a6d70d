#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/result.h"
#include "scaler/backtest/history/history.h"
#include "scaler/backtest/tuning/tuning.h"
#include "scaler/ctl/play.h"

namespace scaler::ctl {

/// Opens the same history again, as often as it is wanted.
using OpenAgain = std::function<common::Result<std::unique_ptr<backtest::history::History>>()>;

/// A policy, what it is to be tuned for, and in which world.
struct TuneTask {
  std::string name;
  policy::ScalingPolicy document;  ///< As from PlayableDocument.
  backtest::tuning::Goal goal;
  backtest::World world;
  unsigned threads = 0;
};

/// Goes through the history once to see how much it is.
[[nodiscard]] common::Result<backtest::tuning::Extent> Measure(const OpenAgain& open,
                                                               unsigned threads, const Tell& tell);

/// Plays whatever the search asks for and what it is compared with, over all series. Results do not
/// depend on the number of threads.
[[nodiscard]] common::Result<backtest::tuning::Tuning> TuneOne(
    const TuneTask& task, const OpenAgain& open, const backtest::tuning::Blocks& blocks,
    const Tell& tell);

}  // namespace scaler::ctl

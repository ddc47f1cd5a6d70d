#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/result.h"
#include "scaler/policy/documents.h"

namespace scaler::ctl {

/// Policies as runs of a backtest, and what is said about them.
struct BacktestPolicies {
  std::vector<std::pair<std::string, policy::ScalingPolicy>> runs;  ///< By the run's name.
  std::vector<policy::ScalingGroup> groups;
  std::vector<std::string> notes;  ///< What of the policies is not played, a sentence each.
};

/// Reads every policy of the files, in their order, as from PlayableDocument. A run is called as
/// its policy, or NAME@FILE where that name is taken, also by a baseline. All problems of all files
/// in one error.
[[nodiscard]] common::Result<BacktestPolicies> ReadBacktestPolicies(
    const std::vector<std::string>& files);

/// What --against may say beside files.
[[nodiscard]] const std::vector<std::string>& BaselineNames();

}  // namespace scaler::ctl

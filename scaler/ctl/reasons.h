#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scaler/engine/decision.h"

namespace scaler::ctl {

/// A word for the margin and what it is about: {"rule", "max: 5 -> 3 (replicas.max)"}.
using Reason = std::pair<std::string, std::string>;

/// Why a decision is as it is: signals, rules, what was left out, what the objective saw coming.
[[nodiscard]] std::vector<Reason> ReasonsOf(const engine::Decision& decision);

}  // namespace scaler::ctl

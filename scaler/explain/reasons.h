#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scaler/engine/decision.h"

namespace scaler::explain {

/// A word for the margin and what it is about: {"rule", "max: 5 -> 3 (replicas.max)"}.
using Reason = std::pair<std::string, std::string>;

/// "requests: 120.0/s, 20/s a replica -> 6".
[[nodiscard]] std::string Recommended(const engine::Recommendation& recommendation);

/// Why a decision is as it is: signals, rules, what was left out, what the objective saw coming.
[[nodiscard]] std::vector<Reason> ReasonsOf(const engine::Decision& decision);

}  // namespace scaler::explain

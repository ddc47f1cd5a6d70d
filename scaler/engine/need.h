#pragma once

#include <string_view>

#include "scaler/engine/decision.h"
#include "scaler/engine/formula.h"
#include "scaler/engine/policy.h"
#include "scaler/engine/recommend.h"

namespace scaler::engine {

/// The number of replicas that the signals come to: the largest need, or what the policy's formula
/// makes of them, which is added to the decision's recommendations. While a signal of the formula
/// is missing that is `current`, as nobody knows more.
[[nodiscard]] int NeedOf(const Policy& policy, const Recommendations& asked, int current,
                         Decision& decision);

/// The same of what comes from outside alone: not of cpu, memory, in_flight and queued, which a
/// workload's own trouble drives up. 0 while a signal of the formula is missing.
[[nodiscard]] int NeedFromOutside(const Policy& policy, const Recommendations& asked);

/// What is wrong with a formula for these signals; without a problem where nothing is.
[[nodiscard]] FormulaResult CheckFormula(std::string_view formula, const Signals& signals);

}  // namespace scaler::engine

#pragma once

#include <vector>

#include "scaler/engine/decide.h"

namespace scaler::engine {

/// What the signals say, and which of them could not be asked.
struct Recommendations {
  std::vector<Recommendation> from_signals;
  std::vector<LeftOut> missing;   ///< Signals of the policy without usable input.
  std::vector<LeftOut> left_out;  ///< What did not count although somebody measured it.
  bool demand_known = false;      ///< Whether somebody wants something is known.
  bool active = false;            ///< Somebody wants something now.
};

/// Asks each signal of the policy by itself.
[[nodiscard]] Recommendations Recommend(const Policy& policy, const Observation& observation);

}  // namespace scaler::engine

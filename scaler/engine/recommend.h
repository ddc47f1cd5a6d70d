#pragma once

#include <optional>
#include <vector>

#include "scaler/engine/decide.h"

namespace scaler::engine {

/// What the signals say, and which of them could not be asked.
struct Recommendations {
  std::vector<Recommendation> from_signals;
  std::vector<LeftOut> missing;      ///< Signals of the policy without usable input.
  std::vector<LeftOut> left_out;     ///< What did not count although somebody measured it.
  bool demand_known = false;         ///< Whether somebody wants something is known.
  bool active = false;               ///< Somebody wants something now.
  std::optional<Headroom> headroom;  ///< What the requests' number is made of.
};

/// Asks each signal of the policy by itself; `state` learns what they show.
[[nodiscard]] Recommendations Recommend(const Policy& policy, const Observation& observation,
                                        State& state);

}  // namespace scaler::engine

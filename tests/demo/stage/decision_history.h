#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "common/clock.h"
#include "tests/demo/stage/scaler_api.h"

namespace demo {

/// How the decisions that we have seen in passing compare with those that are listed at the end.
struct DecisionHistory {
  std::size_t seen = 0;
  std::size_t forgotten = 0;  ///< Seen, and no longer listed.
  /// Scalings that do not begin where the tenant's one before ended: somebody forgot it. What a
  /// scaler had written down when it was killed, and not done yet, is not among them.
  std::size_t broken = 0;
  std::size_t held = 0;
};

/// `listed`: all that there are, by id, ascending. `scaler_kills`: when scalers were killed.
[[nodiscard]] DecisionHistory CompareDecisions(
    const std::set<std::uint64_t>& seen, const std::vector<DecisionLine>& listed,
    const std::vector<common::MonotonicTime>& scaler_kills);

}  // namespace demo

#pragma once

#include <cstddef>
#include <vector>

namespace scaler::platform {

/// A replica, as far as it matters for the question of who stays.
struct Standing {
  bool leaving = false;  ///< Told to go already.
  bool ready = false;
  bool moves = false;  ///< Its node is being emptied.
  bool due = false;    ///< ... and the time of that is so near that it goes now, come what may.
  int worth = 0;       ///< Who has least is missed least; of those alike the last in the list goes.
};

/// What brings a workload to its number.
struct Replacement {
  int start = 0;                   ///< So many on nodes that stay.
  std::vector<std::size_t> leave;  ///< Indices.
  /// Of those that move, those whose place another has taken already, ready or not: they need no
  /// room elsewhere. Indices.
  std::vector<std::size_t> replaced;
};

/// A replica that moves goes only when as many as are wanted are ready without it, or when it does
/// not serve and its replacement is there, or when it is due. Pure.
[[nodiscard]] Replacement PlanReplacement(int wanted, const std::vector<Standing>& replicas);

}  // namespace scaler::platform

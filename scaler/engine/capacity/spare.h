#pragma once

#include <string>
#include <vector>

#include "scaler/engine/capacity/packing.h"

namespace scaler::engine::capacity {

/// One thing that must still fit, tried on a packing.
struct SpareCheck {
  std::string what;
  std::vector<int> lost;       ///< Bins that go.
  std::vector<Load> loads;     ///< What has to find room then.
  std::vector<Load> unplaced;  ///< What of it does not.
};

/// How many times the spare the schedule asks for at `now`; what begins within `lead` has begun.
[[nodiscard]] double SpareFactor(const CapacityPolicy& policy, Time now, Duration lead);

/// Every part of the spare: the shapes together, and each loss by itself. A loss is of the node (of
/// a zone) whose pods ask for most, by processor, by memory and by number, the worst of the three;
/// with a factor, of so many of them at once. `base` has the pods that wait in it already.
[[nodiscard]] std::vector<SpareCheck> CheckSpare(const CapacityPolicy& policy, const Packing& base,
                                                 double factor);

/// Whether all of it fits; stops at the first that does not.
[[nodiscard]] bool SpareHolds(const CapacityPolicy& policy, const Packing& base, double factor);

/// The same loads by class, one entry each.
[[nodiscard]] std::vector<Load> Merged(std::vector<Load> loads);

}  // namespace scaler::engine::capacity

#pragma once

#include <string>
#include <vector>

#include "scaler/engine/capacity/world.h"

namespace scaler::engine::capacity {

/// A node as a place for one more pod.
struct Berth {
  std::string name;
  std::string zone;
  CapacityType type = CapacityType::kOnDemand;
  std::vector<Label> labels;
  std::vector<std::string> taints;
  Amount free;         ///< Less all pods on it, also those that are about to go.
  std::string closed;  ///< Why it takes no pods, e.g. "drain"; empty: it does.
  int same = 0;        ///< Pods of the same workload on it that stay.
};

/// Where a pod goes: a node, or none and why not.
struct Placed {
  int berth = -1;       ///< Index; -1: none.
  std::string why_not;  ///< "fits on none of 3 nodes: 2 drain, 1 is spot".
};

/// Which node a new pod goes to. `unplaced`: pods of the workload that have no node, this one
/// among them: so many of them may stand close together as leave enough for Workload::min_nodes
/// and, where there are or could be so many `zones`, min_zones. Among nodes that take it: one that
/// spreads it as far as it has to be, then spot before on-demand for who prefers it, then where the
/// fewest of the workload are, by zone and by node, then the fullest, then by name.
///
/// The rules are Packing's, so that what that places all at once finds room one by one.
[[nodiscard]] Placed Place(const Workload& workload, int unplaced, int zones,
                           const std::vector<Berth>& berths);

/// Whether pods of the workload may run on a node with these, whatever room it has; empty: yes,
/// else why not in a few words: "is spot", "is tainted", "lacks a label".
[[nodiscard]] std::string WhyNotOn(const Workload& workload, CapacityType type,
                                   const std::vector<Label>& labels,
                                   const std::vector<std::string>& taints);

}  // namespace scaler::engine::capacity

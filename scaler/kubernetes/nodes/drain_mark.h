#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "scaler/kubernetes/nodes/cluster_node.h"

namespace scaler::kubernetes::nodes {

/// `trimtab.io/drain=REASON:NoSchedule`: the node is being emptied by us. It stands on the node, so
/// that no restart of the scaler can lose it, and people see it.
inline constexpr std::string_view kDrainTaint = "trimtab.io/drain";
inline constexpr std::string_view kSinceAnnotation = "trimtab.io/drain-since";
inline constexpr std::string_view kDeadlineAnnotation = "trimtab.io/drain-deadline";
/// The cordon is ours, and goes with the taint; one that somebody had set before stays.
inline constexpr std::string_view kCordonedAnnotation = "trimtab.io/cordoned";

/// A drain as it stands on a node, by the clock on the wall.
struct DrainMark {
  std::string reason;
  common::WallTime since;
  std::optional<common::WallTime> deadline;

  friend bool operator==(const DrainMark&, const DrainMark&) = default;
};

/// Empty where our taint is not there. One whose annotations somebody took away has begun at `now`
/// and has no deadline.
[[nodiscard]] std::optional<DrainMark> MarkOf(const ClusterNode& node, common::WallTime now);

/// The JSON merge patches that mark a node and take back what is ours, and nothing else. They hold
/// for the resourceVersion that was read: the list of taints is written as a whole, and another's
/// change must not get lost.
[[nodiscard]] std::string MarkPatch(const ClusterNode& node, const DrainMark& mark);
[[nodiscard]] std::string UnmarkPatch(const ClusterNode& node);

}  // namespace scaler::kubernetes::nodes

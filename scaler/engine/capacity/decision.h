#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaler/engine/capacity/observation.h"

namespace scaler::engine::capacity {

/// Why nodes come or go.
enum class Reason {
  kMinNodes,        ///< nodes.min of the pool.
  kDedicatedFloor,  ///< spot.minDedicatedNodes, or what must not be on spot.
  kSpotShare,       ///< The share of each kind that the policy and the hazards make.
  kFallback,        ///< On-demand stands in for spot that does not come.
  kProbe,           ///< One spot node, to learn whether there are more again.
  kPendingPods,     ///< Pods that fit nowhere.
  kSpare,           ///< What must still fit does not.
  kNotice,          ///< The provider takes the node.
  kReturn,          ///< Spot is there again and the stand-in may go.
  kUnneeded,        ///< Everything on it fits elsewhere, and has for a while.
  kDrained,         ///< It is empty.
  kNeededAgain,     ///< It was to go, and work has come.
  kNeverReady,      ///< It has been asked for long ago and is not ready yet.
  kUnwanted,        ///< A person wants it empty, or its provider expects to take it.
  kWithdrawn,       ///< The provider does not take it after all.
};

inline constexpr Reason kLastReason = Reason::kWithdrawn;

struct Action {
  enum class Kind {
    kAdd,       ///< So many `nodes` to the pool, in the zone.
    kDrain,     ///< Cordon the node and move its pods away, until `deadline` if there is one.
    kUncordon,  ///< The drain is off.
    kRemove,    ///< The empty node goes.
  };

  Kind kind = Kind::kAdd;
  Reason reason = Reason::kPendingPods;
  std::string pool;
  std::string zone;
  std::string node;  ///< Empty where nodes are added.
  int nodes = 1;
  std::optional<Time> deadline;

  friend bool operator==(const Action&, const Action&) = default;
};

/// What kept the decision from doing more.
enum class Limit {
  kMaxNodes,         ///< nodes.max of the pool.
  kStockOut,         ///< The provider has none; asked again later.
  kQuota,            ///< The provider may not give more.
  kBackoff,          ///< A launch failed; asked again later.
  kNoOffer,          ///< No pool makes a node on which it would fit.
  kMinNodes,         ///< nodes.min of the pool.
  kDedicatedFloor,   ///< On-demand nodes that must stay.
  kSpotTarget,       ///< Spot nodes that should stay, for the share or against interruptions.
  kNodesAtOnce,      ///< disruption.nodesAtOnce
  kNodesPerHour,     ///< disruption.nodesPerHour
  kCooldown,         ///< Nodes were added a moment ago.
  kNotUnneededLong,  ///< Unneeded, but only since a moment ago.
  kDrainFailed,      ///< The same was tried with the same work, and its pods found no room.
  kNoRoomElsewhere,  ///< Its pods would not fit on the others.
  kUnmovable,        ///< A pod on it may not be moved, or its workload can spare none now.
  kSpareWouldBreak,  ///< What must still fit would not.
  kSpareBroken,      ///< It does not fit now, so nothing is taken away.
  kFrozen,           ///< Nobody may change anything.
};

inline constexpr Limit kLastLimit = Limit::kFrozen;

struct CapacityClamp {
  Limit limit = Limit::kMaxNodes;
  std::string pool;
  std::string zone;
  std::string node;  ///< The first of them, where it is about nodes that stay.
  int nodes = 0;     ///< How many nodes (or, for kNoOffer, pods) it kept back.

  friend bool operator==(const CapacityClamp&, const CapacityClamp&) = default;
};

/// Pods of one workload or shape that fit nowhere.
struct Unplaced {
  std::string what;
  int pods = 0;

  friend bool operator==(const Unplaced&, const Unplaced&) = default;
};

struct PlaceNodes {
  std::string pool;
  std::string zone;
  int nodes = 0;

  friend bool operator==(const PlaceNodes&, const PlaceNodes&) = default;
};

/// One thing that must still fit.
struct SpareVerdict {
  std::string what;         ///< "what the shapes ask for", or "the loss of NODE in ZONE".
  bool holds = false;       ///< On the nodes that are ready now.
  bool on_its_way = false;  ///< It will, once the nodes that come are ready (those of now too).
  std::vector<Unplaced> missing;    ///< What does not fit now.
  std::vector<PlaceNodes> ordered;  ///< By this decision, to restore it.

  friend bool operator==(const SpareVerdict&, const SpareVerdict&) = default;
};

/// Pods of low priority and of one size that keep room free until others need it.
struct Placeholder {
  std::string name;  ///< "shape-NAME", "loss" or "loss-ZONE".
  std::string zone;  ///< They belong there; empty: anywhere.
  double cpu_cores = 0;
  double memory_bytes = 0;
  std::vector<std::string> tolerations;  ///< Taints of the node that they stand in for.
  int pods = 0;

  friend bool operator==(const Placeholder&, const Placeholder&) = default;
};

struct SpotPlace {
  std::string pool;
  std::string zone;
  int nodes = 0;  ///< Now and on their way.
  int target = 0;
  double interruptions_per_hour = 0;

  friend bool operator==(const SpotPlace&, const SpotPlace&) = default;
};

/// How spot and on-demand are mixed, and by what.
struct SpotPlan {
  int needed = 0;                 ///< Nodes that may be spot, by the share.
  int must_be_dedicated = 0;      ///< On-demand nodes for what must not be spot.
  int dedicated_target = 0;       ///< On-demand nodes, with those that stand in.
  int stand_ins = 0;              ///< Of those: for spot that is not to be had or too risky alone.
  int losses_survived = 0;        ///< So many zones may go at once without a pod that waits.
  double expected_shortfall = 0;  ///< Share of time; what the plan goes by.
  double gap_seconds = 0;         ///< From a loss to its replacement, less the notice.
  std::vector<SpotPlace> places;  ///< By pool, then zone.

  friend bool operator==(const SpotPlan&, const SpotPlan&) = default;
};

struct CapacityDecision {
  Time at{};
  std::vector<Action> actions;  ///< In the order of kinds: add, drain, uncordon, remove.
  std::vector<CapacityClamp> clamps;
  std::vector<Unplaced> waiting;  ///< Pods without room on the nodes of now.
  std::vector<SpareVerdict> spare;
  std::vector<Placeholder> placeholders;  ///< By name; what there should be, not a change.
  std::optional<SpotPlan> spot;
  std::vector<LeftOut> left_out;

  friend bool operator==(const CapacityDecision&, const CapacityDecision&) = default;
};

[[nodiscard]] std::string_view ReasonName(Reason reason);      ///< "pending_pods", ...
[[nodiscard]] std::string_view LimitName(Limit limit);         ///< "max_nodes", ...
[[nodiscard]] std::string_view ActionName(Action::Kind kind);  ///< "add", ...

/// "add 2 nodes to spot in a: pods fit nowhere"
[[nodiscard]] std::string Sentence(const Action& action);
[[nodiscard]] std::string Sentence(const CapacityClamp& clamp);
[[nodiscard]] std::string Sentence(const SpareVerdict& verdict);

}  // namespace scaler::engine::capacity

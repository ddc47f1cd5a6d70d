#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/engine/capacity/policy.h"
#include "scaler/engine/observation.h"

namespace scaler::engine::capacity {

struct Label {
  std::string key;
  std::string value;

  friend bool operator==(const Label&, const Label&) = default;
  friend auto operator<=>(const Label&, const Label&) = default;
};

/// What a node is made of, whether it runs or could be made.
struct NodeKind {
  double cpu_cores = 0;  ///< That pods may request.
  double memory_bytes = 0;
  int pods = 110;
  std::vector<Label> labels;
  /// "key=value"; each repels pods that do not tolerate it.
  std::vector<std::string> taints;
  double price_per_hour = 0;  ///< In any currency, the same for all.

  friend bool operator==(const NodeKind&, const NodeKind&) = default;
};

struct Node {
  std::string name;
  std::string pool;
  std::string zone;
  CapacityType type = CapacityType::kOnDemand;
  NodeKind kind;
  bool ready = false;
  bool cordoned = false;  ///< By anybody: takes no more pods.
  /// We asked for it to be emptied; the mark stands on the node itself, so no state can lose it.
  bool draining = false;
  /// Somebody wants it emptied: a person, or a provider who expects to take it soon. It takes pods
  /// until its turn has come.
  bool unwanted = false;
  std::optional<Time> booting_since;  ///< When it was asked for; empty: it has been ready.
  std::optional<Time> notice_until;   ///< The provider takes it then.

  friend bool operator==(const Node&, const Node&) = default;
};

/// What the pods of one workload have in common.
struct Workload {
  std::string name;      ///< "namespace/name".
  double cpu_cores = 0;  ///< Requested by each pod.
  double memory_bytes = 0;
  Placement::Spot spot = Placement::Spot::kPrefer;
  int min_nodes = 1;
  int min_zones = 1;  ///< Where there are so many.
  std::vector<Label> selector;
  /// "key=value", "key" for any value, "*" for every taint.
  std::vector<std::string> tolerations;
  bool daemon = false;  ///< One on each node that it may run on; goes with its node.
  bool movable = true;  ///< False: its nodes are only removed when the provider does it.
  /// So many more of its pods may be away now, by its disruption budget; empty: any.
  std::optional<int> disruptions_allowed;

  friend bool operator==(const Workload&, const Workload&) = default;
};

struct Pod {
  std::string name;
  std::string workload;
  std::string node;  ///< Empty: pending.
  /// Another has taken its place, or nobody wants it any more: it needs no room elsewhere, but its
  /// node is not empty before it has gone.
  bool leaving = false;

  friend bool operator==(const Pod&, const Pod&) = default;
};

/// What the provider makes in one zone for one pool.
struct Offer {
  std::string pool;
  std::string zone;
  NodeKind kind;
  int ordered = 0;                    ///< Asked for, and no node is to be seen yet.
  std::optional<Time> ordered_since;  ///< The oldest of those.

  friend bool operator==(const Offer&, const Offer&) = default;
};

/// Something that happened to a pool in a zone. `at` is when the observer learned of it: after the
/// last observation, so that each counts once.
struct Event {
  enum class Kind {
    kLaunched,     ///< A node came to be ready, `seconds` after it was asked for.
    kFailed,       ///< A launch came to nothing.
    kStockOut,     ///< The provider has none.
    kQuota,        ///< The provider may not give more.
    kInterrupted,  ///< The provider takes or took nodes, with `seconds` of notice.
  };

  Time at{};
  Kind kind = Kind::kLaunched;
  std::string pool;
  std::string zone;
  int nodes = 1;
  double seconds = 0;

  friend bool operator==(const Event&, const Event&) = default;
};

/// All that the engine is told of the nodes at one instant. The order of the lists is of no
/// account.
struct CapacityObservation {
  Time now{};
  std::vector<Node> nodes;
  std::vector<Workload> workloads;
  std::vector<Pod> pods;
  std::vector<Offer> offers;
  std::vector<Event> events;
  std::string frozen;  ///< Why nobody may change anything now; empty: they may.

  friend bool operator==(const CapacityObservation&, const CapacityObservation&) = default;
};

}  // namespace scaler::engine::capacity

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scaler/engine/capacity/decision.h"
#include "scaler/engine/capacity/observation.h"
#include "scaler/engine/capacity/state.h"

namespace scaler::engine::capacity {

/// What pods ask for and nodes have, in whole numbers: sums do not depend on their order.
struct Amount {
  std::int64_t cpu_milli = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t pods = 0;

  friend bool operator==(const Amount&, const Amount&) = default;

  void Add(const Amount& other, std::int64_t times = 1) {
    cpu_milli += other.cpu_milli * times;
    memory_bytes += other.memory_bytes * times;
    pods += other.pods * times;
  }
};

[[nodiscard]] Amount RequestOf(double cpu_cores, double memory_bytes);  ///< Of one pod, rounded up.
[[nodiscard]] Amount RoomOf(const NodeKind& kind);                      ///< Rounded down.

/// How many of `request` fit into `free`; never negative.
[[nodiscard]] std::int64_t HowMany(const Amount& free, const Amount& request);

/// So many pods of one class.
struct Load {
  int pod_class = 0;
  int pods = 0;
};

/// The pods of one workload, or of one shape of the spare.
struct PodClass {
  Workload workload;
  Amount request;
  int pods = 0;     ///< Not daemons' and not pending ones.
  int waiting = 0;  ///< Pending, or on a node that goes or does not answer.
  std::vector<std::pair<int, int>>
      on;  ///< Node and number, by node; only where it is to be spread.

  [[nodiscard]] bool Spread() const { return workload.min_nodes > 1 || workload.min_zones > 1; }
};

/// What pods can tell of a node before they are on it.
struct Surroundings {
  CapacityType type = CapacityType::kOnDemand;
  int zone = 0;
  std::vector<Label> labels;  ///< Those that somebody selects by.
  std::vector<std::string> taints;
};

struct NodeView {
  const Node* node = nullptr;
  int kind = 0;  ///< Index of its surroundings.
  int zone = 0;
  int pool = -1;            ///< Index in the policy; -1: a pool that we do not decide upon.
  Amount room;              ///< Less what its daemons take.
  Amount free;              ///< Less all pods on it.
  std::vector<Load> loads;  ///< Without daemons.
  bool usable = false;      ///< Ready, and takes pods.
  bool coming = false;      ///< Boots, and is not late.
  bool pinned = false;      ///< A pod on it may not be moved.
  bool empties = false;     ///< Pods on it are about to go, and have not yet.
};

/// An offer whose pool the policy has.
struct OfferView {
  const Offer* offer = nullptr;
  int pool = 0;
  int zone = 0;
  int kind = 0;
  CapacityType type = CapacityType::kOnDemand;
  Amount room;        ///< Of a new node, less what daemons take.
  int coming = 0;     ///< Ordered, not to be seen yet, and not late.
  bool late = false;  ///< Ordered so long ago that others are to stand in.
};

/// An observation in a canonical order, with names resolved and sums made.
struct World {
  std::vector<NodeView> nodes;    ///< By name.
  std::vector<PodClass> classes;  ///< By name; then the shapes.
  std::vector<OfferView> offers;  ///< By pool, then zone.
  std::vector<std::string> zones;
  std::vector<Surroundings> kinds;
  std::vector<char> may_run;  ///< Of each class on each kind.
  std::vector<int> shapes;    ///< Classes that are the spare's shapes, in its order.
  Amount total;               ///< Of all nodes and offers: the measure of dominance.
  std::vector<LeftOut> left_out;

  [[nodiscard]] bool MayRun(int pod_class, int kind) const {
    return may_run[static_cast<std::size_t>(pod_class) * kinds.size() +
                   static_cast<std::size_t>(kind)] != 0;
  }

  /// The largest share that the amount has of `total`.
  [[nodiscard]] double Dominant(const Amount& amount) const;
};

/// The observation must outlive it.
[[nodiscard]] World Prepare(const CapacityPolicy& policy, const CapacityState& state,
                            const CapacityObservation& observation);

/// Where the state knows the place; null where it does not.
[[nodiscard]] const PlaceMemory* Remembered(const CapacityState& state, std::string_view pool,
                                            std::string_view zone);

}  // namespace scaler::engine::capacity

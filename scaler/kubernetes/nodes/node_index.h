#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "common/clock.h"
#include "common/kubernetes/object.h"
#include "scaler/kubernetes/nodes/cluster_node.h"
#include "scaler/kubernetes/nodes/cluster_pod.h"
#include "scaler/kubernetes/nodes/drain_mark.h"
#include "scaler/platform/node_platform.h"

namespace scaler::kubernetes::nodes {

/// What both clocks say at one instant.
struct Instant {
  common::MonotonicTime monotonic;
  common::WallTime wall;

  [[nodiscard]] common::MonotonicTime At(common::WallTime time) const {
    return monotonic - (wall - time);
  }
};

/// A node and what is on it.
struct NodeEntry {
  ClusterNode node;
  std::optional<platform::Drain> drain;  ///< As its mark says.
  common::MonotonicTime created;
  std::vector<const ClusterPod*> pods;  ///< Not those that are over.
};

/// What the watches of nodes and pods say, put together. Pure but for its state; time is an
/// argument. Belongs to one thread.
class NodeIndex {
 public:
  NodeIndex() = default;
  NodeIndex(const NodeIndex&) = delete;
  NodeIndex& operator=(const NodeIndex&) = delete;

  /// False where that changes nothing, or is older than what is known: a write may be answered
  /// before the watch tells of what was before.
  bool PutNode(ClusterNode node, const Instant& now);
  bool ForgetNode(const std::string& name);

  /// True where what nodes have room for has changed, which is by pods that stay on them.
  bool PutPod(ClusterPod pod);
  bool ForgetPod(const common::kubernetes::ObjectKey& key);

  /// Null: there is none.
  [[nodiscard]] const NodeEntry* Find(const std::string& node) const;

  /// By name.
  [[nodiscard]] const std::map<std::string, NodeEntry>& Nodes() const { return nodes_; }

  /// The nodes as nobody of ours makes them: of no pool, with the room that is left beside what
  /// stays on them.
  [[nodiscard]] std::vector<platform::ProvidedNode> Provided() const;

  /// Nodes with pods that could be moved. Placeholders are no pods but free room.
  [[nodiscard]] const platform::HostView& Hosted();

 private:
  /// Immutable, because views share them.
  using Pod = std::shared_ptr<const ClusterPod>;
  struct PodName {
    std::string_view name_space;
    std::string_view name;

    friend bool operator==(const PodName&, const PodName&) = default;
  };
  /// Pods by their namespace and name, which no key repeats.
  struct Naming {
    using is_transparent = void;

    [[nodiscard]] static PodName Of(const Pod& pod) {
      return {pod->workload.name_space, pod->name};
    }
    [[nodiscard]] static PodName Of(const PodName& name) { return name; }
  };
  struct Hash : Naming {
    std::size_t operator()(const auto& pod) const {
      const auto [name_space, name] = Of(pod);
      const std::hash<std::string_view> hash;
      return hash(name) * 31 + hash(name_space);
    }
  };
  struct Same : Naming {
    bool operator()(const auto& left, const auto& right) const { return Of(left) == Of(right); }
  };

  void Attach(const ClusterPod& pod);
  void Detach(const ClusterPod& pod);
  [[nodiscard]] platform::HostView Build() const;

  std::map<std::string, NodeEntry> nodes_;
  std::unordered_set<Pod, Hash, Same> pods_;
  /// Pods whose node has not been told of yet.
  std::map<std::string, std::vector<const ClusterPod*>> early_;
  std::optional<platform::HostView> hosted_;  ///< Empty: to be built.
};

}  // namespace scaler::kubernetes::nodes

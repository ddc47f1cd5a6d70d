#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "scaler/engine/capacity/decision.h"
#include "scaler/engine/policy.h"
#include "scaler/platform/node_provider.h"
#include "scaler/platform/platform.h"

namespace scaler::platform {

/// The provider's word that a node will go, as it was heard on the node itself.
struct NodeNotice {
  enum class Kind {
    kTermination,  ///< The node is taken at the deadline.
    kRebalance,    ///< It is likely to be taken soon; nobody says when.
  };

  std::string node;
  Kind kind = Kind::kTermination;
  std::optional<common::MonotonicTime> deadline;  ///< Empty: nobody said when.

  friend bool operator==(const NodeNotice&, const NodeNotice&) = default;
};

/// Words of Drain::reason by which another life of the scaler knows whose wish it was.
inline constexpr const char* kDrainAsked = "asked";          ///< A person's.
inline constexpr const char* kDrainRebalance = "rebalance";  ///< The provider's recommendation.

/// How a node is to be emptied. Stands on the node itself (a taint, a file), not in a state of the
/// scaler, so that no restart of the scaler can lose it.
struct Drain {
  std::string reason;  ///< A word: "notice", "unneeded", kDrainAsked.
  common::MonotonicTime since;
  std::optional<common::MonotonicTime> deadline;  ///< By then nothing of ours may run there.

  friend bool operator==(const Drain&, const Drain&) = default;
};

/// A node as who runs the replicas has it.
struct HostNode {
  std::string name;
  bool ready = false;     ///< It has joined, and replicas may run on it.
  bool cordoned = false;  ///< By anybody: takes no more replicas. A node that drains is, too.
  std::optional<Drain> drain;

  friend bool operator==(const HostNode&, const HostNode&) = default;
};

/// A replica and where it is.
struct HostedPod {
  std::string name;
  WorkloadId workload;
  std::string node;  ///< Empty: it is pending.
  /// It has been told to go, or another has taken its place and it will be: it takes room until
  /// it is gone, and needs none elsewhere.
  bool leaving = false;
  std::string pending;  ///< Why it fits on no node, in a sentence; empty where it has one.

  friend bool operator==(const HostedPod&, const HostedPod&) = default;
};

/// Immutable and shared: a pod that has not changed may be the same value in every view, and of
/// many thousands each view would cost as much again.
using HostedPods = std::vector<std::shared_ptr<const HostedPod>>;

/// What the replicas of one workload ask of a node.
struct HostedWorkload {
  WorkloadId id;
  double cpu_cores = 0;     ///< Requested by each replica.
  double memory_bytes = 0;  ///< The same.
  std::vector<std::string> tolerations;
  bool movable = true;
  /// So many more replicas may be away now; empty: any, as where replacements are ready before the
  /// ones that they replace go.
  std::optional<int> disruptions_allowed;

  friend bool operator==(const HostedWorkload&, const HostedWorkload&) = default;
};

/// Room that pods of low priority keep free.
struct KeptRoom {
  std::string name;  ///< Of the engine's Placeholder.
  int wanted = 0;
  int running = 0;      ///< The others wait for a node, or are not made yet.
  std::string problem;  ///< Why it is not as it should be, in a sentence; empty if all is well.

  friend bool operator==(const KeptRoom&, const KeptRoom&) = default;
};

/// A pod that is to leave its node and may not yet.
struct HeldPod {
  std::string pod;  ///< "namespace/name".
  std::string node;
  std::string why;  ///< In the words of who holds it.

  friend bool operator==(const HeldPod&, const HeldPod&) = default;
};

/// Everything about nodes and what runs on them at one instant.
struct HostView {
  std::vector<HostNode> nodes;            ///< By name.
  HostedPods pods;                        ///< Pending ones included.
  std::vector<HostedWorkload> workloads;  ///< By id.
  std::vector<KeptRoom> kept;             ///< By name; empty where there is no such thing.
  std::vector<HeldPod> held;              ///< By node and pod.
};

/// Who runs replicas on nodes, beside Platform: the part of it that knows nodes.
///
/// A wish (cordon, drain) is kept until it is taken back or the node is gone, over restarts.
/// Belongs to the loop's thread; every call returns at once.
class NodePlatform {
 public:
  using Done = std::function<void(common::Result<void>)>;

  NodePlatform() = default;
  NodePlatform(const NodePlatform&) = delete;
  NodePlatform& operator=(const NodePlatform&) = delete;
  virtual ~NodePlatform() = default;

  [[nodiscard]] virtual HostView ListNodes() const = 0;

  /// What the provider has now. For platforms whose nodes do not join by themselves: a node that
  /// runs takes replicas from now on, and the replicas of one that is gone or going are lost.
  virtual void SeeNodes(const ProviderView& provider) = 0;

  /// Where replicas may run, of every workload that a policy says something about; the others may
  /// run anywhere. Before the first call none is placed.
  virtual void SetPlacement(const std::map<WorkloadId, engine::Placement>& placement) = 0;

  /// Cordons the node and moves its replicas: replacements are ready first, as far as the deadline
  /// allows. Again with another deadline or reason replaces the wish; `since` stays.
  virtual void DrainNode(const std::string& node, const Drain& drain, Done done) = 0;

  /// The node takes replicas again, and those that have not been told to end stay.
  virtual void UncordonNode(const std::string& node, Done done) = 0;

  /// From now on these pods of low priority keep room free, and no others. `policy`: whose wish it
  /// is; empty where there is none. For platforms that have such pods.
  virtual void KeepPlaceholders(const std::string& policy,
                                const std::vector<engine::capacity::Placeholder>& placeholders) {
    static_cast<void>(policy);
    static_cast<void>(placeholders);
  }
};

}  // namespace scaler::platform

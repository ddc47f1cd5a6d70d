#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "scaler/kubernetes/nodes/cluster_pod.h"

namespace scaler::kubernetes::nodes {

/// A pod that is to leave its node.
struct ToEvict {
  const ClusterPod* pod = nullptr;                ///< Good during the call.
  std::optional<common::MonotonicTime> deadline;  ///< Its node goes then.
};

/// The order in which pods are asked to go: those of the node that goes first; then by priority,
/// the highest first; then who took longest to be ready, and who may take longest to end.
///
/// An eviction is what has the replacement made, so this is the order in which replacements get
/// room and begin to start. It is the reverse of the kubelet's graceful shutdown, which ends what
/// others depend on last: those pods (DaemonSets, mirror pods) are not evicted at all.
void SortForEviction(std::vector<ToEvict>& pods);

/// Asks pods to go by the eviction API, so that disruption budgets are kept, and asks again those
/// that may not go yet. Nothing is ever deleted by force.
///
/// Rights: create of pods/eviction. Belongs to the executor's thread.
class Evictor {
 public:
  /// So many requests at a time.
  static constexpr int kAtOnce = 16;

  Evictor(common::Executor& executor, common::kubernetes::Client& client)
      : executor_(executor), client_(client) {}
  Evictor(const Evictor&) = delete;
  Evictor& operator=(const Evictor&) = delete;

  /// Who is to go from now on, and nobody else: requests of others that are under way go on, but
  /// are not repeated. Pods that have been told to go already are not to be among them.
  void SetPods(std::vector<ToEvict> pods);

  /// Why the pod has not gone yet, in the server's words; empty: nothing is known.
  [[nodiscard]] std::string WhyNot(const std::string& uid) const;

 private:
  struct Asked {
    std::string name_space;
    std::string name;
    std::chrono::seconds grace{0};
    std::optional<common::MonotonicTime> deadline;
    int failures = 0;
    std::optional<common::MonotonicTime> not_before;
    std::string why_not;
    std::unique_ptr<common::kubernetes::Pending> pending;
    bool wanted = true;
  };

  void Go();
  void Ask(const std::string& uid, Asked& asked);
  void Answered(const std::string& uid, const common::kubernetes::Outcome<std::string>& outcome);
  [[nodiscard]] std::string Body(const std::string& uid, const Asked& asked) const;

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  std::map<std::string, Asked> asked_;  ///< By uid.
  std::vector<std::string> order_;      ///< Uids.
  int under_way_ = 0;
  std::unique_ptr<common::Timer> timer_;
};

}  // namespace scaler::kubernetes::nodes

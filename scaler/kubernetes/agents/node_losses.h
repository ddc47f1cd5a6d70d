#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/kubernetes/watcher.h"
#include "scaler/kubernetes/agents/pod_fields.h"

namespace scaler::kubernetes::agents {

/// Replicas lost with their nodes, by namespace and workload.
using NodeLosses = std::map<std::pair<std::string, std::string>, std::uint64_t>;

/// Counts each pod that was lost with its node once, however often that is told. Pure.
class NodeLossBook {
 public:
  void Put(const PodFields& pod);
  void Remove(const common::kubernetes::ObjectKey& key);
  /// Everything that there is has been told; of what is lost from now on nothing was before.
  void Synced() { synced_ = true; }

  [[nodiscard]] const NodeLosses& Losses() const { return losses_; }

 private:
  /// A workload that lost nothing is not among them, so that they are few.
  static constexpr std::size_t kMostWorkloads = 20'000;

  bool synced_ = false;
  std::map<common::kubernetes::ObjectKey, std::string> counted_;  ///< Their uids.
  NodeLosses losses_;
};

/// Where the losses stand for whoever asks. Thread-safe.
class NodeLossBoard {
 public:
  [[nodiscard]] NodeLosses Get() const {
    const std::lock_guard lock(mutex_);
    return losses_;
  }
  void Put(const NodeLosses& losses) {
    const std::lock_guard lock(mutex_);
    losses_ = losses;
  }

 private:
  mutable std::mutex mutex_;
  NodeLosses losses_;
};

/// Hears of pods that are lost with their nodes: trimtab_container_restarts_total with the reason
/// node_lost, which no agent can count.
///
/// When the object of a node goes, or the node is declared out of service, the garbage collector of
/// pods marks each of its pods as failed for that reason before it deletes it. So only failed pods
/// are watched, of which there are few. What was lost before this began is not counted.
///
/// Rights: `list` and `watch` on pods in all namespaces. Belongs to the executor's thread; client
/// and board must outlive it.
class NodeLossWatch {
 public:
  NodeLossWatch(common::Executor& executor, common::kubernetes::Client& client,
                NodeLossBoard& board);
  NodeLossWatch(const NodeLossWatch&) = delete;
  NodeLossWatch& operator=(const NodeLossWatch&) = delete;

  void Start() { watcher_.Start(); }

  [[nodiscard]] const std::string& Problem() const { return problem_; }

 private:
  void Put(const common::kubernetes::ObjectView& object);

  NodeLossBoard& board_;
  NodeLossBook book_;
  std::string problem_;
  common::kubernetes::Watcher watcher_;
};

}  // namespace scaler::kubernetes::agents

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/kubernetes/watcher.h"
#include "scaler/kubernetes/workloads/decode.h"
#include "scaler/kubernetes/workloads/discovery.h"
#include "scaler/kubernetes/workloads/inventory.h"
#include "scaler/kubernetes/workloads/scale_writer.h"
#include "scaler/platform/platform.h"

namespace scaler::kubernetes::workloads {

/// A kind beside those that every cluster has, "argoproj.io/v1alpha1" and "Rollout".
struct KindName {
  std::string group_version;
  std::string name;

  friend bool operator==(const KindName&, const KindName&) = default;
};

/// The workloads of a cluster: its Deployments, StatefulSets and ReplicaSets that nothing controls,
/// and other kinds with a scale subresource whose number is spec.replicas.
///
/// Rights, in every namespace: get, list and watch of deployments, statefulsets and replicasets
/// (apps), pods (core), horizontalpodautoscalers (autoscaling) and scaledobjects (keda.sh, where
/// KEDA is installed); get and patch of deployments/scale, statefulsets/scale, and
/// replicasets/scale where such are scaled; the same of every other kind.
class ClusterPlatform final : public platform::Platform {
 public:
  ClusterPlatform(common::Executor& executor, common::kubernetes::Client& client,
                  std::vector<KindName> kinds = {});

  /// Begins to watch. `on_synced` is called once, when everything there is has been told: before
  /// that List is incomplete, and who else scales what is not known.
  void Start(std::function<void()> on_synced);

  /// Who else wants to know of pods, from the one watch of them; before Start.
  void SharePods(common::kubernetes::WatchHandlers others) { others_ = std::move(others); }

  [[nodiscard]] platform::Workloads List() const override;
  void Scale(const platform::WorkloadId& workload, int replicas,
             std::function<void(common::Result<void>)> done) override;
  void OnChange(std::function<void()> changed) override { changed_ = std::move(changed); }
  [[nodiscard]] std::vector<std::string> Problems() const override;

  /// What the workload is in the cluster; null where it is gone. Good until the next event.
  [[nodiscard]] const Scalable* Find(const platform::WorkloadId& id) const {
    return inventory_->Find(id);
  }

 private:
  using Key = common::kubernetes::ObjectKey;
  using View = common::kubernetes::ObjectView;
  struct Watch {
    std::unique_ptr<common::kubernetes::Watcher> watcher;
    std::string problem;
  };

  void Add(const std::string& path, const std::string& selector,
           std::function<void(const View&, bool live)> on_put,
           std::function<void(const Key&)> on_gone);
  void AddScalable(const Kind& kind);
  void AddReplicaSets();
  void AddPods();
  void AddScaler(const std::string& path, const std::string& kind);
  void LookForKeda();
  void LookFor(const KindName& name);
  void Look(const std::string& what, const std::string& group_version,
            std::function<bool(const std::vector<ServedResource>&)> found);
  void OnSynced();
  void Tell();

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  std::unique_ptr<Inventory> inventory_ = std::make_unique<Inventory>();
  Decoder decoder_;
  std::function<void()> changed_;
  std::function<void()> on_synced_;
  common::kubernetes::WatchHandlers others_;
  std::unique_ptr<common::Timer> tell_;
  ScaleWriter writer_;
  std::map<std::string, Watch> watches_;  ///< By path.
  std::vector<KindName> kinds_;
  std::map<std::string, std::unique_ptr<GroupProbe>> probes_;  ///< By what is looked for.
};

}  // namespace scaler::kubernetes::workloads

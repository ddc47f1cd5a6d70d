#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/kubernetes/watcher.h"
#include "scaler/kubernetes/nodes/evictor.h"
#include "scaler/kubernetes/nodes/node_index.h"
#include "scaler/kubernetes/nodes/node_marker.h"
#include "scaler/kubernetes/nodes/placeholder_keeper.h"
#include "scaler/platform/node_platform.h"

namespace scaler::kubernetes::nodes {

/// The nodes of a cluster, which somebody else makes: what there is, emptying those that will go,
/// and keeping spare by placeholder pods. It refuses to make or remove nodes.
///
/// A node that drains is cordoned and carries the mark of it; what is on it is evicted, apart from
/// what belongs to it. Whatever scaler leads carries on with the marks that it finds.
///
/// Rights: list, watch and patch of nodes; list and watch of pods; create of pods/eviction;
/// and what PlaceholderKeeper needs. Belongs to the executor's thread.
class ClusterNodes final : public platform::NodePlatform, public platform::NodeProvider {
 public:
  /// `leads`: whether this scaler carries out what was decided and what the marks of nodes say;
  /// empty: always.
  ClusterNodes(common::Executor& executor, common::kubernetes::Client& client,
               PlaceholderOptions placeholders = {}, std::function<bool()> leads = {});
  ClusterNodes(const ClusterNodes&) = delete;
  ClusterNodes& operator=(const ClusterNodes&) = delete;

  /// Begins to watch nodes. Pods are told by who watches them, or see WatchPods.
  void Start();
  /// For who has no watch of pods to share.
  void WatchPods();
  void PutPod(const common::kubernetes::ObjectView& object);
  void ForgetPod(const common::kubernetes::ObjectKey& key);
  void PodsSynced();

  /// `told` with what is known of nodes whose agent has not been heard: their mark stands for the
  /// notice. `heard`: the nodes whose agents have spoken in this life.
  [[nodiscard]] std::vector<platform::NodeNotice> Notices(std::vector<platform::NodeNotice> told,
                                                          const std::set<std::string>& heard) const;

  // NodePlatform
  [[nodiscard]] platform::HostView ListNodes() const override;
  void SeeNodes(const platform::ProviderView& provider) override;
  void SetPlacement(const std::map<platform::WorkloadId, engine::Placement>& placement) override;
  void DrainNode(const std::string& node, const platform::Drain& drain,
                 platform::NodePlatform::Done done) override;
  void UncordonNode(const std::string& node, platform::NodePlatform::Done done) override;
  void KeepPlaceholders(const std::string& policy,
                        const std::vector<engine::capacity::Placeholder>& placeholders) override;

  // NodeProvider
  [[nodiscard]] platform::ProviderView List() const override;
  void Add(const platform::NodeOrder& order, platform::NodeProvider::Done done) override;
  void Remove(const std::string& node, platform::NodeProvider::Done done) override;
  void OnChange(std::function<void()> changed) override { changed_ = std::move(changed); }

 private:
  [[nodiscard]] Instant Now() const { return {executor_.Monotonic(), executor_.Wall()}; }
  [[nodiscard]] std::string Problem() const;
  [[nodiscard]] platform::NodePlatform::Done Noting(const std::string& node,
                                                    platform::NodePlatform::Done done);
  void TakeNode(ClusterNode node);
  void TellLater();
  void EvictLater();
  void Evict();

  common::Executor& executor_;
  mutable NodeIndex index_;  ///< It builds its lists when they are asked for.
  NodeMarker marker_;
  Evictor evictor_;
  PlaceholderKeeper keeper_;
  common::kubernetes::Watcher nodes_;
  common::kubernetes::Watcher pods_;
  bool pods_synced_ = false;
  std::function<bool()> leads_;
  std::string trouble_;
  std::string mark_problem_;  ///< Of the last node that was to be marked; empty: it is.
  std::function<void()> changed_ = [] {};
  std::unique_ptr<common::Timer> tell_;
  std::unique_ptr<common::Timer> evict_soon_;
  std::unique_ptr<common::Timer> look_again_;
};

}  // namespace scaler::kubernetes::nodes

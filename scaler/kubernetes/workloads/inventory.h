#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/kubernetes/object.h"
#include "scaler/kubernetes/workloads/decode.h"
#include "scaler/kubernetes/workloads/kind.h"
#include "scaler/kubernetes/workloads/owner_graph.h"
#include "scaler/kubernetes/workloads/packed_replica.h"
#include "scaler/kubernetes/workloads/replica.h"
#include "scaler/platform/platform.h"

namespace scaler::kubernetes::workloads {

/// An object that can be scaled, and what we have asked of it.
struct Scalable {
  Kind kind;
  common::kubernetes::ObjectKey key;
  std::string uid;
  std::string resource_version;
  ScalableFields fields;
  std::optional<int> wish;  ///< Asked for, not answered yet.
  platform::WorkloadId id;
  OwnerGraph::Node* node = nullptr;
  std::size_t place = 0;                            ///< In the list.
  std::shared_ptr<const platform::Workload> value;  ///< Null: it has to be made anew.
};

/// Everything that the scaler knows of workloads: what the watches say, put together. Pure but for
/// its state; time is an argument. Belongs to one thread.
///
/// A pod belongs to what controls it by ownerReferences, over as many steps as there are; labels
/// alone make nobody a member. Values that have not changed are shared between lists.
class Inventory {
 public:
  Inventory() = default;
  Inventory(const Inventory&) = delete;
  Inventory& operator=(const Inventory&) = delete;

  void PutScalable(const Kind& kind, const common::kubernetes::ObjectView& object,
                   ScalableFields fields);
  void ForgetScalable(const Kind& kind, const common::kubernetes::ObjectKey& key);

  /// An object between pods and what is scaled, such as the ReplicaSet of a Deployment.
  void PutBetween(const Kind& kind, const common::kubernetes::ObjectView& object,
                  const std::string& owner);
  void ForgetBetween(const Kind& kind, const common::kubernetes::ObjectKey& key);

  void PutPod(const common::kubernetes::ObjectView& object, const PodFields& fields,
              const Instant& now);
  void ForgetPod(const common::kubernetes::ObjectKey& key);

  /// `scaler`, "HorizontalPodAutoscaler shops/shop-1", scales `target` of that namespace.
  void PutScaler(const std::string& scaler, const std::string& name_space,
                 const ScaleTarget& target);
  void ForgetScaler(const std::string& scaler);

  /// Null: there is none. Good until the next Put or Forget.
  [[nodiscard]] Scalable* Find(const platform::WorkloadId& id);

  /// Who scales it; empty: nobody but we.
  [[nodiscard]] std::string OwnerOf(const Scalable& scalable) const;

  /// What was written to it or read of it by us; watches may say it later, and older things before.
  void TakeScale(Scalable& scalable, const std::string& resource_version, int replicas);
  void SetWish(Scalable& scalable, std::optional<int> wish);

  /// By id.
  [[nodiscard]] platform::Workloads List();

  /// Something that List says has changed since this was last asked.
  [[nodiscard]] bool TakeChanged();

  [[nodiscard]] std::size_t Pods() const { return pods_.size(); }

 private:
  /// Namespace, then group, kind and name.
  using Address = std::pair<std::string, ScaleTarget>;
  struct Pod {
    PodTimes times;
    PackedReplica replica;
    OwnerGraph::Node* owner = nullptr;
  };
  using PodsByName = std::unordered_map<std::string, Pod>;  ///< By "namespace/name".

  [[nodiscard]] static Address AddressOf(const Kind& kind,
                                         const common::kubernetes::ObjectKey& key);
  void Changed(Scalable& scalable);
  void Changed(const OwnerGraph::Node* node);
  void ChangedAt(const Address& address);
  void Rename(std::vector<Scalable*>& alike);
  void ErasePod(PodsByName::iterator pod);
  [[nodiscard]] std::shared_ptr<const platform::Workload> Make(const Scalable& scalable) const;

  OwnerGraph graph_;
  std::map<Address, Scalable> scalables_;
  std::unordered_map<std::string, OwnerGraph::Node*> between_;  ///< By kind and name.
  PodsByName pods_;  ///< The graph has pointers to their entries.
  std::map<std::string, Address> scalers_;
  /// Who scales what. The last one by name is told of: a ScaledObject goes before the
  /// HorizontalPodAutoscaler that KEDA makes for it.
  std::map<Address, std::set<std::string>> scaled_by_;
  std::map<common::kubernetes::ObjectKey, std::vector<Scalable*>> by_name_;  ///< Of any kind.
  std::map<platform::WorkloadId, Scalable*> by_id_;
  std::vector<Scalable*> stale_;  ///< Whose value has to be made anew.
  platform::Workloads list_;
  bool list_is_of_now_ = false;  ///< But for the values of those that are stale.
  bool changed_ = false;
};

}  // namespace scaler::kubernetes::workloads

#include "scaler/kubernetes/workloads/inventory.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/text.h"
#include "scaler/kubernetes/workloads/explain.h"

namespace scaler::kubernetes::workloads {
namespace {

using common::kubernetes::ObjectKey;
using common::kubernetes::ObjectView;
using platform::WorkloadId;

ObjectKey KeyOf(const ObjectView& object) {
  return {std::string(object.name_space), std::string(object.name)};
}

std::string PodName(std::string_view name_space, std::string_view name) {
  return std::string(name_space) + "/" + std::string(name);
}

/// Of several objects with one name the first of these has it for its own.
int RankOf(const Kind& kind) {
  const std::vector<Kind> order = {Deployments(), StatefulSets(), ReplicaSets()};
  return static_cast<int>(std::find(order.begin(), order.end(), kind) - order.begin());
}

/// "statefulset/db", as kubectl takes it.
std::string WithKind(const Kind& kind, const std::string& name) {
  std::string lower = kind.name;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower + "/" + name;
}

/// What scaler/kubernetes/nodes writes to keep room free: how many there are is the spare's.
bool IsPlaceholder(const std::map<std::string, std::string>& labels) {
  const auto has = [&](const char* key, std::string_view value) {
    const auto found = labels.find(key);
    return found != labels.end() && found->second == value;
  };
  return has("app.kubernetes.io/name", "trimtab-placeholder") &&
         has("app.kubernetes.io/managed-by", "trimtab-scaler");
}

/// Versions of one object, where they are numbers as etcd's are.
bool IsOlder(const std::string& version, const std::string& than) {
  const auto left = common::ParseUnsigned(version);
  const auto right = common::ParseUnsigned(than);
  return left && right && *left < *right;
}

}  // namespace

Inventory::Address Inventory::AddressOf(const Kind& kind, const ObjectKey& key) {
  return {key.name_space, {GroupOf(kind.group_version), kind.name, key.name}};
}

void Inventory::PutScalable(const Kind& kind, const ObjectView& object, ScalableFields fields) {
  const auto key = KeyOf(object);
  if (fields.deleted) {
    // Its controller makes no more pods; those that there are go with it.
    ForgetScalable(kind, key);
    return;
  }
  const auto [found, is_new] = scalables_.try_emplace(AddressOf(kind, key));
  auto& scalable = found->second;
  if (!is_new && scalable.uid != object.uid) {
    ForgetScalable(kind, key);
    PutScalable(kind, object, std::move(fields));
    return;
  }
  if (is_new) {
    scalable.kind = kind;
    scalable.key = key;
    scalable.uid = object.uid;
    scalable.node = &graph_.Know(scalable.uid, fields.owner);
    scalable.node->scalable = &scalable;
    auto& alike = by_name_[key];
    alike.push_back(&scalable);
    Rename(alike);
  }
  const std::string version(object.resource_version);
  if (IsOlder(version, scalable.resource_version)) {
    // From before what we have written or read ourselves.
    fields.replicas = scalable.fields.replicas;
  } else {
    scalable.resource_version = version;
  }
  if (is_new || fields != scalable.fields) {
    scalable.fields = std::move(fields);
    Changed(scalable);
  }
}

void Inventory::ForgetScalable(const Kind& kind, const ObjectKey& key) {
  const auto found = scalables_.find(AddressOf(kind, key));
  if (found == scalables_.end()) {
    return;
  }
  auto* const scalable = &found->second;
  std::erase(stale_, scalable);
  by_id_.erase(scalable->id);
  graph_.Forget(*scalable->node);
  const auto alike = by_name_.find(key);
  std::erase(alike->second, scalable);
  Rename(alike->second);
  if (alike->second.empty()) {
    by_name_.erase(alike);
  }
  scalables_.erase(found);
  list_is_of_now_ = false;
  changed_ = true;
}

/// Gives objects of one name their ids: the first by kind has the name for its own.
void Inventory::Rename(std::vector<Scalable*>& alike) {
  std::sort(alike.begin(), alike.end(), [](const Scalable* left, const Scalable* right) {
    return std::pair(RankOf(left->kind), left->kind) < std::pair(RankOf(right->kind), right->kind);
  });
  for (const auto* const scalable : alike) {
    by_id_.erase(scalable->id);
  }
  for (auto* const scalable : alike) {
    const auto& [name_space, name] = scalable->key;
    scalable->id = {name_space, scalable == alike.front() ? name : WithKind(scalable->kind, name)};
    by_id_[scalable->id] = scalable;
    Changed(*scalable);
  }
  list_is_of_now_ = false;
}

void Inventory::PutBetween(const Kind& kind, const ObjectView& object, const std::string& owner) {
  auto& place = between_[kind.name + "/" + PodName(object.name_space, object.name)];
  if (place != nullptr && place->uid == object.uid && place->owner != nullptr &&
      place->owner->uid == owner) {
    return;
  }
  if (place != nullptr) {
    Changed(place);
    if (place->uid != object.uid) {
      graph_.Forget(*place);
    }
  }
  place = &graph_.Know(std::string(object.uid), owner);
  Changed(place);
}

void Inventory::ForgetBetween(const Kind& kind, const ObjectKey& key) {
  const auto found = between_.find(kind.name + "/" + PodName(key.name_space, key.name));
  if (found != between_.end()) {
    Changed(found->second);
    graph_.Forget(*found->second);
    between_.erase(found);
  }
}

void Inventory::PutPod(const ObjectView& object, const PodFields& fields, const Instant& now) {
  const auto [found, is_new] = pods_.try_emplace(PodName(object.name_space, object.name));
  if (fields.over || fields.owner.empty()) {
    ErasePod(found);
    return;
  }
  auto& pod = found->second;
  auto replica = pod.replica.Unpack(std::string(object.name));
  FollowPod(object.name, fields, now, !is_new, pod.times, replica);
  PackedReplica packed(replica);
  const bool changed = packed != pod.replica;
  pod.replica = std::move(packed);
  if (pod.owner == nullptr || pod.owner->uid != fields.owner) {
    auto* const owner = &graph_.AddPod(fields.owner, &*found);
    if (pod.owner != nullptr) {
      Changed(pod.owner);
      graph_.RemovePod(*pod.owner, &*found);
    }
    pod.owner = owner;
    Changed(pod.owner);
  } else if (changed) {
    Changed(pod.owner);
  }
}

void Inventory::ForgetPod(const ObjectKey& key) {
  if (const auto found = pods_.find(PodName(key.name_space, key.name)); found != pods_.end()) {
    ErasePod(found);
  }
}

void Inventory::ErasePod(PodsByName::iterator pod) {
  if (auto* const owner = pod->second.owner; owner != nullptr) {
    Changed(owner);
    graph_.RemovePod(*owner, &*pod);
  }
  pods_.erase(pod);
}

void Inventory::PutScaler(const std::string& scaler, const std::string& name_space,
                          const ScaleTarget& target) {
  const Address address{name_space, target};
  const auto found = scalers_.find(scaler);
  if (found != scalers_.end() && found->second == address) {
    return;
  }
  ForgetScaler(scaler);
  scalers_.emplace(scaler, address);
  scaled_by_[address].insert(scaler);
  ChangedAt(address);
}

void Inventory::ForgetScaler(const std::string& scaler) {
  const auto found = scalers_.find(scaler);
  if (found == scalers_.end()) {
    return;
  }
  const auto address = found->second;
  scalers_.erase(found);
  const auto of_target = scaled_by_.find(address);
  of_target->second.erase(scaler);
  if (of_target->second.empty()) {
    scaled_by_.erase(of_target);
  }
  ChangedAt(address);
}

Scalable* Inventory::Find(const WorkloadId& id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::string Inventory::OwnerOf(const Scalable& scalable) const {
  const auto found = scaled_by_.find(AddressOf(scalable.kind, scalable.key));
  if (found != scaled_by_.end()) {
    return *found->second.rbegin();
  }
  return IsPlaceholder(scalable.fields.labels) ? "a CapacityPolicy (these are its placeholder pods)"
                                               : "";
}

void Inventory::TakeScale(Scalable& scalable, const std::string& resource_version, int replicas) {
  if (!IsOlder(resource_version, scalable.resource_version)) {
    scalable.resource_version = resource_version;
    scalable.fields.replicas = replicas;
    Changed(scalable);
  }
}

void Inventory::SetWish(Scalable& scalable, std::optional<int> wish) {
  scalable.wish = wish;
  Changed(scalable);
}

void Inventory::Changed(Scalable& scalable) {
  if (scalable.value) {
    scalable.value.reset();
    stale_.push_back(&scalable);
  }
  changed_ = true;
}

void Inventory::Changed(const OwnerGraph::Node* node) {
  if (auto* const scalable = OwnerGraph::ScalableAbove(node); scalable != nullptr) {
    Changed(*static_cast<Scalable*>(scalable));
  }
}

void Inventory::ChangedAt(const Address& address) {
  if (const auto found = scalables_.find(address); found != scalables_.end()) {
    Changed(found->second);
  }
}

bool Inventory::TakeChanged() { return std::exchange(changed_, false); }

platform::Workloads Inventory::List() {
  if (!list_is_of_now_) {
    list_.clear();
    list_.reserve(by_id_.size());
    stale_.clear();
    for (auto& [id, scalable] : by_id_) {
      scalable->place = list_.size();
      if (!scalable->value) {
        scalable->value = Make(*scalable);
      }
      list_.push_back(scalable->value);
    }
    list_is_of_now_ = true;
  }
  for (auto* const scalable : std::exchange(stale_, {})) {
    scalable->value = Make(*scalable);
    list_[scalable->place] = scalable->value;
  }
  return list_;
}

std::shared_ptr<const platform::Workload> Inventory::Make(const Scalable& scalable) const {
  auto workload = std::make_shared<platform::Workload>();
  workload->id = scalable.id;
  workload->kind = scalable.kind.name;
  workload->labels = scalable.fields.labels;
  workload->desired = scalable.wish.value_or(scalable.fields.replicas);
  workload->cpu_request_cores = scalable.fields.cpu_request_cores;
  workload->memory_request_bytes = scalable.fields.memory_request_bytes;
  workload->memory_limit_bytes = scalable.fields.memory_limit_bytes;
  workload->owned_by = OwnerOf(scalable);
  std::size_t pods = 0;
  OwnerGraph::EachPod(*scalable.node, [&](const void*) { ++pods; });
  workload->replicas.reserve(pods);
  OwnerGraph::EachPod(*scalable.node, [&](const void* entry) {
    const auto& [name, pod] = *static_cast<const PodsByName::value_type*>(entry);
    workload->replicas.push_back(pod.replica.Unpack(name.substr(name.find('/') + 1)));
  });
  std::sort(workload->replicas.begin(), workload->replicas.end(),
            [](const auto& left, const auto& right) { return left.id < right.id; });
  workload->problem = ProblemOf(scalable.fields.problem, *workload);
  return workload;
}

}  // namespace scaler::kubernetes::workloads

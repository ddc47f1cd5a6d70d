#include "scaler/kubernetes/nodes/node_index.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/text.h"

namespace scaler::kubernetes::nodes {
namespace {

using platform::ProvidedNode;

/// Versions of one object are counted up. What is no number is taken as it comes.
bool IsOlder(const std::string& version, const std::string& known) {
  const auto left = common::ParseUnsigned(version);
  const auto right = common::ParseUnsigned(known);
  return left && right && *left < *right;
}

bool TakesRoom(const ClusterPod& pod) { return Stays(pod) && !pod.over && !pod.node.empty(); }

ProvidedNode ProvidedOf(const NodeEntry& entry) {
  const auto& node = entry.node;
  ProvidedNode provided;
  provided.name = node.name;
  provided.zone = node.zone;
  provided.type = node.type;
  provided.state = node.leaving ? ProvidedNode::State::kGoing : ProvidedNode::State::kRunning;
  provided.ordered_at = entry.created;
  provided.running_at = entry.created;
  auto& kind = provided.kind;
  kind.cpu_cores = node.cpu_cores;
  kind.memory_bytes = node.memory_bytes;
  kind.pods = node.pods;
  for (const auto* const pod : entry.pods) {
    if (Stays(*pod)) {
      kind.cpu_cores -= pod->cpu_cores;
      kind.memory_bytes -= pod->memory_bytes;
      --kind.pods;
    }
  }
  kind.cpu_cores = std::max(kind.cpu_cores, 0.0);
  kind.memory_bytes = std::max(kind.memory_bytes, 0.0);
  kind.pods = std::max(kind.pods, 0);
  if (!node.instance_type.empty()) {
    kind.labels.push_back({"node.kubernetes.io/instance-type", node.instance_type});
  }
  for (const auto& taint : node.taints) {
    if (IsOfItsKind(taint)) {
      kind.taints.push_back(taint.key + "=" + taint.value);
    }
  }
  return provided;
}

}  // namespace

bool NodeIndex::PutNode(ClusterNode node, const Instant& now) {
  const auto name = node.name;
  const auto [at, is_new] = nodes_.try_emplace(name);
  auto& entry = at->second;
  if (!is_new && entry.node.uid == node.uid &&
      IsOlder(node.resource_version, entry.node.resource_version)) {
    return false;
  }
  auto same_version = entry.node;
  same_version.resource_version = node.resource_version;
  const bool changed = is_new || same_version != node;
  if (!changed) {
    entry.node.resource_version = node.resource_version;
    return false;
  }
  const auto before = is_new ? std::nullopt : MarkOf(entry.node, now.wall);
  const auto mark = MarkOf(node, now.wall);
  if (!mark) {
    entry.drain.reset();
  } else if (before != mark || !entry.drain) {
    // Only then: times stay the same for as long as the mark does, whatever the clock on the wall.
    platform::Drain drain;
    drain.reason = mark->reason;
    drain.since = now.At(mark->since);
    if (mark->deadline) {
      drain.deadline = now.At(*mark->deadline);
    }
    entry.drain = std::move(drain);
  }
  if (is_new) {
    entry.created = now.At(node.created);
    if (auto early = early_.extract(name); !early.empty()) {
      entry.pods = std::move(early.mapped());
    }
  }
  entry.node = std::move(node);
  hosted_.reset();
  return true;
}

bool NodeIndex::ForgetNode(const std::string& name) {
  auto gone = nodes_.extract(name);
  if (gone.empty()) {
    return false;
  }
  // Its pods are gone when the watch of pods says so; they are on no node that can be seen.
  if (!gone.mapped().pods.empty()) {
    early_.emplace(name, std::move(gone.mapped().pods));
  }
  hosted_.reset();
  return true;
}

void NodeIndex::Attach(const ClusterPod& pod) {
  if (pod.node.empty() || pod.over) {
    return;
  }
  const auto node = nodes_.find(pod.node);
  (node != nodes_.end() ? node->second.pods : early_[pod.node]).push_back(&pod);
}

void NodeIndex::Detach(const ClusterPod& pod) {
  if (const auto node = nodes_.find(pod.node); node != nodes_.end()) {
    std::erase(node->second.pods, &pod);
  } else if (const auto early = early_.find(pod.node); early != early_.end()) {
    std::erase(early->second, &pod);
    if (early->second.empty()) {
      early_.erase(early);
    }
  }
}

bool NodeIndex::PutPod(ClusterPod pod) {
  bool room = TakesRoom(pod);
  if (const auto known = pods_.find(PodName{pod.workload.name_space, pod.name});
      known != pods_.end()) {
    if (**known == pod) {
      return false;
    }
    room = room || TakesRoom(**known);
    Detach(**known);
    pods_.erase(known);
  }
  Attach(**pods_.insert(std::make_shared<const ClusterPod>(std::move(pod))).first);
  hosted_.reset();
  return room;
}

bool NodeIndex::ForgetPod(const common::kubernetes::ObjectKey& key) {
  const auto known = pods_.find(PodName{key.name_space, key.name});
  if (known == pods_.end()) {
    return false;
  }
  const bool room = TakesRoom(**known);
  Detach(**known);
  pods_.erase(known);
  hosted_.reset();
  return room;
}

const NodeEntry* NodeIndex::Find(const std::string& node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? nullptr : &found->second;
}

std::vector<ProvidedNode> NodeIndex::Provided() const {
  std::vector<ProvidedNode> provided;
  provided.reserve(nodes_.size());
  for (const auto& [name, entry] : nodes_) {
    provided.push_back(ProvidedOf(entry));
  }
  return provided;
}

const platform::HostView& NodeIndex::Hosted() {
  if (!hosted_) {
    hosted_ = Build();
  }
  return *hosted_;
}

platform::HostView NodeIndex::Build() const {
  platform::HostView view;
  for (const auto& [name, entry] : nodes_) {
    const bool cordoned = entry.node.unschedulable || entry.drain || IsBeingRemoved(entry.node);
    view.nodes.push_back({name, entry.node.ready, cordoned, entry.drain});
  }
  std::map<platform::WorkloadId, platform::HostedWorkload> workloads;
  view.pods.reserve(pods_.size());
  for (const auto& pod : pods_) {
    if (pod->over || pod->placeholder || Stays(*pod)) {
      continue;
    }
    view.pods.push_back(pod);
    auto& workload = workloads[pod->workload];
    workload.id = pod->workload;
    workload.cpu_cores = std::max(workload.cpu_cores, pod->cpu_cores);
    workload.memory_bytes = std::max(workload.memory_bytes, pod->memory_bytes);
    if (workload.tolerations.empty()) {
      workload.tolerations = pod->tolerations;
    }
  }
  std::sort(view.pods.begin(), view.pods.end(), [](const auto& left, const auto& right) {
    return std::tie(left->workload, left->name) < std::tie(right->workload, right->name);
  });
  for (auto& [id, workload] : workloads) {
    view.workloads.push_back(std::move(workload));
  }
  return view;
}

}  // namespace scaler::kubernetes::nodes

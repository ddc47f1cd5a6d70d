#include "scaler/kubernetes/workloads/owner_graph.h"

#include <algorithm>

namespace scaler::kubernetes::workloads {

OwnerGraph::Node& OwnerGraph::At(const std::string& uid) {
  auto& node = nodes_[uid];
  if (!node) {
    node = std::make_unique<Node>();
    node->uid = uid;
  }
  return *node;
}

OwnerGraph::Node& OwnerGraph::Know(const std::string& uid, const std::string& owner) {
  auto& node = At(uid);
  node.known = true;
  SetOwner(node, owner);
  return node;
}

void OwnerGraph::Forget(Node& node) {
  node.known = false;
  node.scalable = nullptr;
  SetOwner(node, {});
  EraseIfUnused(&node);
}

OwnerGraph::Node& OwnerGraph::AddPod(const std::string& owner, const void* pod) {
  auto& node = At(owner);
  node.pods.push_back(pod);
  return node;
}

void OwnerGraph::RemovePod(Node& node, const void* pod) {
  std::erase(node.pods, pod);
  EraseIfUnused(&node);
}

void OwnerGraph::SetOwner(Node& node, const std::string& owner) {
  if ((node.owner == nullptr ? std::string() : node.owner->uid) == owner) {
    return;
  }
  if (auto* const before = node.owner; before != nullptr) {
    std::erase(before->owned, &node);
    node.owner = nullptr;
    EraseIfUnused(before);
  }
  if (!owner.empty() && owner != node.uid) {
    node.owner = &At(owner);
    node.owner->owned.push_back(&node);
  }
}

void OwnerGraph::EraseIfUnused(Node* node) {
  if (!node->known && node->pods.empty() && node->owned.empty()) {
    SetOwner(*node, {});
    nodes_.erase(std::string(node->uid));
  }
}

void* OwnerGraph::ScalableAbove(const Node* node) {
  for (int depth = 0; node != nullptr && depth <= kDeepest; ++depth, node = node->owner) {
    if (node->scalable != nullptr) {
      return node->scalable;
    }
  }
  return nullptr;
}

}  // namespace scaler::kubernetes::workloads

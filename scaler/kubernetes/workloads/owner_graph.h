#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace scaler::kubernetes::workloads {

/// Who controls whom, by uid: pods -> ReplicaSet -> Deployment. Objects may come in any order.
/// A node lives as long as its object is known, or something below it is. Not thread-safe.
class OwnerGraph {
 public:
  struct Node {
    std::string uid;
    Node* owner = nullptr;
    std::vector<Node*> owned;
    std::vector<const void*> pods;  ///< Of whoever adds them.
    void* scalable = nullptr;       ///< The object, where it is one that can be scaled.
    bool known = false;
  };

  OwnerGraph() = default;
  OwnerGraph(const OwnerGraph&) = delete;
  OwnerGraph& operator=(const OwnerGraph&) = delete;

  /// The object is there; `owner` is the uid of what controls it, empty: nothing does.
  Node& Know(const std::string& uid, const std::string& owner);

  /// The object is gone. The node may be gone then, too.
  void Forget(Node& node);

  /// The pod belongs to who has this uid.
  Node& AddPod(const std::string& owner, const void* pod);
  void RemovePod(Node& node, const void* pod);

  /// The first above (or at) the node that can be scaled; null: there is none.
  [[nodiscard]] static void* ScalableAbove(const Node* node);

  /// Calls `each` with every pod below the node.
  template <typename Each>
  static void EachPod(const Node& node, Each&& each, int depth = 0) {
    for (const auto* const pod : node.pods) {
      each(pod);
    }
    for (const auto* const below : node.owned) {
      // What can be scaled has its own pods.
      if (below->scalable == nullptr && depth < kDeepest) {
        EachPod(*below, each, depth + 1);
      }
    }
  }

  [[nodiscard]] std::size_t Size() const { return nodes_.size(); }

 private:
  /// References that form a circle, which the server does not prevent, end here.
  static constexpr int kDeepest = 8;

  Node& At(const std::string& uid);
  void SetOwner(Node& node, const std::string& owner);
  void EraseIfUnused(Node* node);

  std::unordered_map<std::string, std::unique_ptr<Node>> nodes_;
};

}  // namespace scaler::kubernetes::workloads

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/result.h"
#include "scaler/kubernetes/nodes/cluster_node.h"

namespace scaler::kubernetes::nodes {

/// Writes to nodes. What is written is made from what was read; where somebody else was faster
/// (409) the node is read again and it is made anew, a few times.
///
/// Rights: get and patch of nodes. Belongs to the executor's thread.
class NodeMarker {
 public:
  using Done = std::function<void(common::Result<void>)>;
  /// A JSON merge patch for the node as it is; empty: nothing is to be done any more.
  using Patch = std::function<std::string(const ClusterNode&)>;

  /// `written` gets the node as the server has it after a write.
  NodeMarker(common::kubernetes::Client& client, std::function<void(ClusterNode)> written)
      : client_(client), written_(std::move(written)) {}
  NodeMarker(const NodeMarker&) = delete;
  NodeMarker& operator=(const NodeMarker&) = delete;

  /// `done` is called once, unless the marker dies or another write to the same node takes its
  /// place, which is told with operation_canceled.
  void Write(const ClusterNode& node, Patch patch, Done done);

 private:
  struct Job {
    Patch patch;
    Done done;
    int conflicts = 0;
    std::unique_ptr<common::kubernetes::Pending> pending;
  };

  void Send(const std::string& name, const ClusterNode& node);
  void ReadAgain(const std::string& name);
  void End(const std::string& name, common::Result<void> result);

  common::kubernetes::Client& client_;
  std::function<void(ClusterNode)> written_;
  std::map<std::string, Job> jobs_;  ///< By node.
};

}  // namespace scaler::kubernetes::nodes

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

/// Writes to nodes. What is written is made from what the watch told; where somebody else was
/// faster (409) it is made anew from what the watch tells next, a few times.
///
/// Rights: patch of nodes. Belongs to the executor's thread.
class NodeMarker {
 public:
  using Done = std::function<void(common::Result<void>)>;
  /// A JSON merge patch for the node as it is.
  using Patch = std::function<std::string(const ClusterNode&)>;

  /// The node as it is known now; null: there is none.
  using Find = std::function<const ClusterNode*(const std::string&)>;

  /// `written` gets the node as the server has it after a write.
  NodeMarker(common::Executor& executor, common::kubernetes::Client& client, Find find,
             std::function<void(ClusterNode)> written)
      : executor_(executor),
        client_(client),
        find_(std::move(find)),
        written_(std::move(written)) {}
  NodeMarker(const NodeMarker&) = delete;
  NodeMarker& operator=(const NodeMarker&) = delete;

  /// `done` is called once, unless the marker dies or another write to the same node takes its
  /// place, which is told with operation_canceled.
  void Write(const std::string& node, Patch patch, Done done);

 private:
  struct Job {
    Patch patch;
    Done done;
    int conflicts = 0;
    std::unique_ptr<common::kubernetes::Pending> pending;
    std::unique_ptr<common::Timer> again;
  };

  void Send(const std::string& name);
  void End(const std::string& name, common::Result<void> result);

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  Find find_;
  std::function<void(ClusterNode)> written_;
  std::map<std::string, Job> jobs_;  ///< By node.
};

}  // namespace scaler::kubernetes::nodes

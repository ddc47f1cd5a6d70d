#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/kubernetes/watcher.h"
#include "scaler/kubernetes/agents/pod_fields.h"

namespace scaler::kubernetes::agents {

/// Where an agent listens, and whose node it is.
struct FoundAgent {
  std::string address;  ///< "10.0.3.7:9105", "[fd00::7]:9105".
  std::string node;

  friend bool operator==(const FoundAgent&, const FoundAgent&) = default;
};

struct FoundAgents {
  std::vector<FoundAgent> agents;    ///< The newest last.
  std::set<std::string> gone_nodes;  ///< Of agents that ended with their nodes.

  friend bool operator==(const FoundAgents&, const FoundAgents&) = default;
};

struct FinderOptions {
  std::string name_space;  ///< Where the agents' DaemonSet is.
  std::string label = "app.kubernetes.io/name=trimtab-agent";
  /// The container port with this name is where the agent listens; without one it is `port`.
  std::string port_name = "https";
  std::uint16_t port = 9105;
};

/// Where the agent of this pod is; nothing while it has no address, and when it is over.
[[nodiscard]] std::optional<FoundAgent> AgentOf(const PodFields& pod, const FinderOptions& options);

/// Finds the agents of a cluster: the pods with their label, ready or not, each by its own address.
///
/// Rights: `list` and `watch` on pods in the agents' namespace. Belongs to the executor's thread;
/// the client must outlive it.
class AgentFinder {
 public:
  /// `on_agents` is called with all of them when they are others than before.
  AgentFinder(common::Executor& executor, common::kubernetes::Client& client, FinderOptions options,
              std::function<void(const FoundAgents&)> on_agents);

  void Start() { watcher_.Start(); }

  /// Why nothing is heard of them; empty: all is well.
  [[nodiscard]] const std::string& Problem() const { return problem_; }

 private:
  void Put(const common::kubernetes::ObjectView& object);
  void Tell();

  FinderOptions options_;
  std::function<void(const FoundAgents&)> on_agents_;
  std::map<common::kubernetes::ObjectKey, PodFields> pods_;
  std::set<std::string> gone_nodes_;  ///< Until an agent is on a node of that name again.
  FoundAgents told_;
  std::string problem_;
  common::kubernetes::Watcher watcher_;
};

}  // namespace scaler::kubernetes::agents

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "scaler/engine/observation.h"
#include "scaler/signals/agent_connection.h"

namespace scaler::signals {

/// Which time of the engine an instant of the monotonic clock is.
struct TimeMap {
  engine::Time engine_now;
  common::MonotonicTime monotonic_now;

  /// One instant has the same time in every cycle, to the millisecond.
  [[nodiscard]] engine::Time At(common::MonotonicTime instant) const {
    return engine_now - (std::chrono::floor<engine::Duration>(monotonic_now) -
                         std::chrono::floor<engine::Duration>(instant));
  }
};

/// How an agent is, for the status page.
struct AgentStatus {
  std::string address;
  std::string name;  ///< Empty before its first frame.
  bool connected = false;
  std::string problem;
  std::optional<common::MonotonicTime> heard_at;
  bool of_a_node = false;  ///< It came with a node, and goes with it.
};

/// A value, or why there is none.
template <typename T>
struct Input {
  std::optional<engine::Sampled<T>> sample;
  std::string why_not;
};

/// An agent that was found on a node of a cluster.
struct NodeAgent {
  std::string address;
  std::string node;

  friend bool operator==(const NodeAgent&, const NodeAgent&) = default;
};

/// What all agents say together. The list of addresses is who must contribute: while one of them
/// is silent its last word ages, so that a lost agent never looks like falling demand.
///
/// Beside them there are the agents of nodes, which come and go. One that has not been heard yet
/// holds nothing up: its node is new and has nothing to tell.
///
/// On a cluster there may be thousands. There a silent agent ages what it told of, the workloads of
/// its node and the requests of its ingress, and nothing else. Of several agents of one node (one
/// takes the other's place) the newest that was heard counts; one that is gone counts until then,
/// but for a minute at most.
///
/// Belongs to the executor's thread.
class Signals {
 public:
  Signals(common::Executor& executor, StreamTransport& transport,
          const std::vector<std::string>& addresses, ConnectionOptions options = {});

  /// Dials every agent. `on_change` is called after each frame.
  void Start(std::function<void()> on_change);

  /// Some frame said more than that its agent is there, since this was last asked.
  [[nodiscard]] bool TakeNews() { return std::exchange(news_, false); }

  /// The tenant's demand, summed over the agents that know of it.
  [[nodiscard]] Input<engine::Demand> DemandOf(const std::string& tenant,
                                               const TimeMap& time) const;

  /// What `quantile` of the tenant's requests of the last half minute kept to, in seconds, over all
  /// agents; as fine as their buckets. Nothing where there were none, and no reason then.
  [[nodiscard]] Input<double> LatencyOf(const std::string& tenant, double quantile,
                                        const TimeMap& time) const;

  /// What the workload's running replicas use, one entry a container.
  [[nodiscard]] Input<std::vector<ContainerView>> UseOf(const std::string& name_space,
                                                        const std::string& workload,
                                                        const TimeMap& time) const;

  [[nodiscard]] std::vector<AgentStatus> Agents() const;

  /// The agents of all nodes that there are: new addresses are dialed, and who is not among them
  /// is forgotten with all it said. Configured agents are not touched. May be called from
  /// `on_change`.
  void SetNodeAgents(const std::vector<std::string>& addresses);

  /// The same of a cluster, the newest last, apart from those of SetNodeAgents. Who is on a node of
  /// `gone_nodes` is forgotten at once.
  void SetClusterAgents(const std::vector<NodeAgent>& agents,
                        const std::set<std::string>& gone_nodes = {});

  /// Every notice that stands, by node. The last word of an agent that is silent counts.
  [[nodiscard]] std::vector<NodeNotice> Notices() const;

  /// The nodes whose agents have told which they are on: that there is no notice of one of them
  /// means that it stays.
  [[nodiscard]] std::set<std::string> HeardNodes() const;

 private:
  /// Who has to be heard.
  enum class Who {
    kEverybody,
    kWhoKnowsTenants,  ///< The configured agents, and those of nodes that tell of requests.
  };

  /// An agent of a cluster.
  struct Found {
    std::unique_ptr<AgentConnection> connection;
    std::string node;
    std::size_t rank = 0;  ///< A larger one is newer.
    std::optional<common::MonotonicTime> left_at = {};
  };

  [[nodiscard]] std::unique_ptr<AgentConnection> Connect(const std::string& address);
  void OnFrame(const std::string& address, bool news);
  void Retire(std::unique_ptr<AgentConnection> connection);
  /// Forgets who has left and is not needed any more.
  void Tidy();
  /// Of each node the agent that counts.
  [[nodiscard]] std::map<std::string, const Found*> Speakers() const;
  void IndexWorkloads() const;

  /// The engine's time of the longest silence among the contributors, or who is missing.
  [[nodiscard]] std::optional<engine::Time> OldestWord(const TimeMap& time, Who who,
                                                       std::string& missing) const;

  void ListAll();

  common::Executor& executor_;
  StreamTransport& transport_;
  ConnectionOptions options_;
  std::function<void()> on_change_;
  bool started_ = false;
  bool news_ = false;
  std::vector<std::unique_ptr<AgentConnection>> connections_;
  std::map<std::string, std::unique_ptr<AgentConnection>> of_nodes_;  ///< By address.
  std::map<std::string, Found> of_cluster_;                           ///< By address.
  std::unique_ptr<common::Timer> tidy_;
  std::vector<const AgentConnection*> all_;  ///< Those of nodes last, but for those of a cluster.
  std::vector<const AgentConnection*> speakers_;  ///< Of the cluster; the last of `all_`.

  /// Which agents of the cluster tell of a workload: asked for each workload in every cycle.
  using Index = std::map<std::pair<std::string, std::string>, std::vector<const AgentConnection*>>;
  mutable Index by_workload_;
  mutable std::uint64_t indexed_ = 0;  ///< The sum of the placements that the index is of.
  mutable bool index_is_old_ = true;
};

}  // namespace scaler::signals

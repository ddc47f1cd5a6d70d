#pragma once

#include <functional>
#include <memory>
#include <string>
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
};

/// A value, or why there is none.
template <typename T>
struct Input {
  std::optional<engine::Sampled<T>> sample;
  std::string why_not;
};

/// What all agents say together. The list of addresses is who must contribute: while one of them
/// is silent its last word ages, so that a lost agent never looks like falling demand.
///
/// Belongs to the executor's thread.
class Signals {
 public:
  Signals(common::Executor& executor, StreamTransport& transport,
          const std::vector<std::string>& addresses, ConnectionOptions options = {});

  /// Dials every agent. `on_change` is called after each frame.
  void Start(std::function<void()> on_change);

  /// The tenant's demand, summed over the agents that know of it.
  [[nodiscard]] Input<engine::Demand> DemandOf(const std::string& tenant,
                                               const TimeMap& time) const;

  /// What the workload's running replicas use, one entry a container.
  [[nodiscard]] Input<std::vector<ContainerView>> UseOf(const std::string& name_space,
                                                        const std::string& workload,
                                                        const TimeMap& time) const;

  [[nodiscard]] std::vector<AgentStatus> Agents() const;

 private:
  /// The engine's time of the longest silence among the contributors, or who is missing.
  [[nodiscard]] std::optional<engine::Time> OldestWord(const TimeMap& time,
                                                       std::string& missing) const;

  std::function<void()> on_change_;
  std::vector<std::unique_ptr<AgentConnection>> connections_;
};

}  // namespace scaler::signals

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "scaler/engine/decide.h"
#include "scaler/fleet/status.h"
#include "scaler/loop/freeze_switch.h"
#include "scaler/loop/group_sharing.h"
#include "scaler/loop/shadow.h"
#include "scaler/platform/platform.h"
#include "scaler/signals/external_signals.h"
#include "scaler/signals/signals.h"

namespace scaler::loop {

/// A workload as the loop last saw it.
struct WorkloadStatus {
  std::shared_ptr<const platform::Workload> workload;  ///< Never null.
  std::string policy;                                  ///< Empty: no policy applies.
  std::string tenant;
  /// The newest one, whatever its outcome; null: there is none.
  std::shared_ptr<const engine::Decision> decision;
  /// The newest that changed the number, or would have in earnest, before the last restart too;
  /// but the one that holds it now. Where there is none of these, the newest that differed.
  std::shared_ptr<const engine::Decision> change;
  std::string problem;  ///< Why its last action failed.
};

/// Counters since the start of the program, for the metrics page.
struct Counters {
  /// By outcome and direction ("up", "down", "none").
  std::map<std::pair<std::string, std::string>, std::uint64_t> decisions;
  /// By result ("ok", "failed"), of the action "scale".
  std::map<std::string, std::uint64_t> actions;
  std::uint64_t ledger_failures = 0;
  std::uint64_t evaluations = 0;  ///< Decisions made, the same as before or not.
};

/// How many problems a policy has, by what they are about and by what they mean; from 0.
struct PolicyProblemKey {
  /// "namespace/name" of one that is in force; the name of a file that is refused.
  std::string policy;
  /// "refused": not in force as it is written. "ineffective": in force, but it matches no workload,
  /// or not as it seems.
  std::string kind;

  friend auto operator<=>(const PolicyProblemKey&, const PolicyProblemKey&) = default;
};
using PolicyProblemCounts = std::map<PolicyProblemKey, std::uint64_t>;

/// What is wrong with policies, for people and for the metrics.
struct PolicyProblems {
  std::vector<std::string> texts;
  PolicyProblemCounts counts;
};

/// All that the API and the metrics say of the loop: an immutable value.
struct Status {
  common::WallTime wall;
  engine::Time now{};
  common::MonotonicTime monotonic;
  std::vector<WorkloadStatus> workloads;
  std::vector<GroupStatus> groups;  ///< By name; those that have members.
  std::vector<signals::AgentStatus> agents;
  std::optional<signals::ExternalStatus> external;  ///< Empty: no Prometheus is configured.
  /// Never null; shared, because of ten thousand policies a copy each cycle costs.
  std::shared_ptr<const PolicyProblemCounts> policy_problems =
      std::make_shared<PolicyProblemCounts>();
  std::uint64_t state_problems = 0;   ///< Stored states that could not be read.
  std::vector<std::string> problems;  ///< All of them in words, policies and states and ledger.
  std::optional<Freeze> freeze;
  std::shared_ptr<const fleet::FleetStatus> fleet;  ///< Null: there are no nodes.
  std::optional<LeadershipStatus> leadership;       ///< Empty: it is the only one.
  Counters counters;
};

/// Where the loop leaves its status for other threads. Thread-safe.
class StatusBoard {
 public:
  /// Never null.
  [[nodiscard]] std::shared_ptr<const Status> Get() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

  void Put(std::shared_ptr<const Status> status) {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Status> status_ = std::make_shared<Status>();
};

}  // namespace scaler::loop

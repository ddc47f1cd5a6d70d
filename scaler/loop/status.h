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
#include "scaler/loop/freeze_switch.h"
#include "scaler/platform/platform.h"
#include "scaler/signals/signals.h"

namespace scaler::loop {

/// A workload as the loop last saw it.
struct WorkloadStatus {
  platform::Workload workload;
  std::string policy;  ///< Empty: no policy applies.
  std::string tenant;
  std::optional<engine::Decision> decision;  ///< The newest one, whatever its outcome.
  std::optional<engine::Decision>
      change;           ///< The newest that was more than "kept"; else the first.
  std::string problem;  ///< Why its last action failed.
};

/// Counters since the start of the program, for the metrics page.
struct Counters {
  /// By outcome and direction ("up", "down", "none").
  std::map<std::pair<std::string, std::string>, std::uint64_t> decisions;
  /// By result ("ok", "failed"), of the action "scale".
  std::map<std::string, std::uint64_t> actions;
  std::uint64_t ledger_failures = 0;
};

/// All that the API and the metrics say of the loop: an immutable value.
struct Status {
  common::WallTime wall;
  engine::Time now{};
  common::MonotonicTime monotonic;
  std::vector<WorkloadStatus> workloads;
  std::vector<signals::AgentStatus> agents;
  std::vector<std::string> problems;
  std::optional<Freeze> freeze;
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

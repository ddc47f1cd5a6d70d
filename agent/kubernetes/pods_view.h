#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/kubernetes/restart_book.h"
#include "agent/runtime/container_book.h"
#include "common/clock.h"

namespace agent::kubernetes {

/// A container that runs, as its kubelet says.
struct RunningContainer {
  std::string id;  ///< As its cgroup has it, without a scheme.
  std::string name;
  std::uint32_t attempt = 0;
  common::WallTime started_at;

  friend bool operator==(const RunningContainer&, const RunningContainer&) = default;
};

/// A pod with containers that run.
struct RunningPod {
  std::string name_space;
  std::string name;
  std::string workload;
  std::string uid;
  std::vector<RunningContainer> containers;

  friend bool operator==(const RunningPod&, const RunningPod&) = default;
};

/// Containers of one workload that wait for the same reason.
using WaitingKey = std::pair<runtime::WorkloadKey, std::string>;

/// How one of the questions to the API server goes.
struct Hearing {
  std::string problem;                             ///< Empty: it is answered.
  std::optional<common::MonotonicTime> last_good;  ///< Empty: never yet.

  friend bool operator==(const Hearing&, const Hearing&) = default;
};

/// All that is known of this node's pods at one moment. Immutable once published.
struct PodsView {
  std::vector<RunningPod> pods;
  std::map<runtime::WorkloadKey, WorkloadCounts> workloads;
  std::map<WaitingKey, std::uint64_t> waiting;
  Hearing hearing;                ///< Of the pods. While it has no problem they are as of now.
  std::optional<Hearing> events;  ///< Empty: nothing had to be asked yet.
};

/// Why a container waits, as a label of trimtab_container_waiting: the kubelet's own word where it
/// is known, "other", or empty where waiting is the ordinary beginning of a container.
[[nodiscard]] std::string WaitingReason(const std::string& told);

}  // namespace agent::kubernetes

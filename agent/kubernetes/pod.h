#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/kubernetes/workload_name.h"
#include "common/result.h"

namespace agent::kubernetes {

/// How one life of a container ended, as its kubelet tells it.
struct Termination {
  std::string container_id;  ///< "containerd://4f5e..."; empty where nobody saw the container.
  std::string reason;        ///< "OOMKilled", "Error", "Completed", ...
  std::int64_t exit_code = 0;
  std::optional<common::WallTime> started_at = {};   ///< By the clock of the node, in seconds.
  std::optional<common::WallTime> finished_at = {};  ///< The same.

  friend bool operator==(const Termination&, const Termination&) = default;
};

/// A container of a pod and what the kubelet last said of it.
struct Container {
  enum class Kind {
    kMain,
    kInit,     ///< Must end with 0 before the next begins.
    kSidecar,  ///< An init container that stays: restarted as main ones are.
  };

  std::string name;
  Kind kind = Kind::kMain;
  bool has_probe = false;   ///< A liveness or startup probe, which may end it.
  bool has_status = false;  ///< What follows was told.
  std::string id = {};      ///< Of its present or last life; empty before the first.
  std::uint64_t restart_count = 0;
  std::optional<common::WallTime> running_since = {};  ///< Empty while it does not run.
  std::string waiting = {};                            ///< Why it waits; empty: it does not.
  std::optional<Termination> terminated = {};          ///< Its present state.
  std::optional<Termination> last_terminated = {};     ///< The life before.

  friend bool operator==(const Container&, const Container&) = default;
};

/// A pod, as far as the agent needs it.
struct Pod {
  std::string name_space;
  std::string name;
  std::string uid;
  std::string node;
  common::kubernetes::PodOwner owner = {};
  std::int64_t priority = 0;
  std::string reason = {};  ///< "Evicted", ...; of the pod as a whole.
  /// Why it was disrupted: the reason of the condition DisruptionTarget; empty: it was not.
  std::string disruption = {};
  /// When somebody asked for its deletion; empty: nobody did.
  std::optional<common::WallTime> deleted_at = {};
  std::vector<Container> containers = {};

  friend bool operator==(const Pod&, const Pod&) = default;
};

/// No pod of ours has as many containers; those above are left out.
inline constexpr std::size_t kMostContainers = 200;

/// Reads a pod as the API gives it. Fields that are missing or of another type are as if they had
/// not been written; bad_message where it is no JSON object or has no name.
[[nodiscard]] common::Result<Pod> ParsePod(std::string_view json);

/// As common::kubernetes::WorkloadName has it.
[[nodiscard]] inline std::string WorkloadOf(const Pod& pod) {
  return common::kubernetes::WorkloadName(pod.name, pod.owner);
}

/// The pod was pushed off its node by the node or the scheduler, and nobody asked for it: pressure
/// or shutdown of the node, preemption, a taint that it does not tolerate. Not a pod of negative
/// priority, which is there to give way; nor one that a person or a drain evicts through the API.
[[nodiscard]] bool IsEvicted(const Pod& pod);

}  // namespace agent::kubernetes

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "scaler/platform/platform.h"

namespace scaler::kubernetes::nodes {

/// app.kubernetes.io/name of our placeholder pods.
inline constexpr std::string_view kPlaceholderName = "trimtab-placeholder";

/// What is read of a pod, for its node.
struct ClusterPod {
  std::string name_space;
  std::string name;
  std::string uid;
  std::string node;               ///< Empty: it has none.
  platform::WorkloadId workload;  ///< Its Deployment or what controls it; else the pod itself.
  double cpu_cores = 0;           ///< Requested.
  double memory_bytes = 0;
  std::vector<std::string> tolerations;  ///< "key=value", "key" or "*".
  std::int32_t priority = 0;
  std::chrono::seconds grace{30};
  /// From its node to readiness, this time; empty: it is not ready.
  std::optional<std::chrono::seconds> started_in;
  std::string waits;         ///< Why it has no node, in the scheduler's words.
  bool over = false;         ///< Completed or failed: it takes nothing any more.
  bool leaving = false;      ///< It has been told to go.
  bool placeholder = false;  ///< Ours; its room is free.
  bool daemon = false;       ///< Of a DaemonSet: it belongs to its node.
  bool mirror = false;       ///< The kubelet's own: so does this.
  bool controlled = false;   ///< Somebody makes another when it goes.

  friend bool operator==(const ClusterPod&, const ClusterPod&) = default;
};

/// Reads a pod as the API server sends it. What is missing or of another type keeps its default.
[[nodiscard]] ClusterPod ReadPod(std::string_view json);

/// It goes with its node: nothing is to be moved.
[[nodiscard]] inline bool Stays(const ClusterPod& pod) { return pod.daemon || pod.mirror; }

}  // namespace scaler::kubernetes::nodes

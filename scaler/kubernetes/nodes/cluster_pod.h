#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "scaler/platform/node_platform.h"

namespace scaler::kubernetes::nodes {

/// app.kubernetes.io/name of our placeholder pods.
inline constexpr std::string_view kPlaceholderName = "trimtab-placeholder";

/// What is read of a pod, for its node, beside what everybody may see of it. Its workload is its
/// Deployment or what controls it, else the pod itself, and gives its namespace.
struct ClusterPod : platform::HostedPod {
  std::string uid;
  double cpu_cores = 0;  ///< Requested.
  double memory_bytes = 0;
  std::vector<std::string> tolerations;  ///< "key=value", "key" or "*".
  std::int32_t priority = 0;
  std::chrono::seconds grace{30};
  /// From its node to readiness, this time; empty: it is not ready.
  std::optional<std::chrono::seconds> started_in;
  bool over = false;         ///< Completed or failed: it takes nothing any more.
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

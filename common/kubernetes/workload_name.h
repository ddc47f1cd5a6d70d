#pragma once

#include <string>

namespace common::kubernetes {

/// Who controls a pod, as its metadata say.
struct PodOwner {
  std::string kind;  ///< "ReplicaSet"; empty: nobody does.
  std::string name;
  std::string template_hash;  ///< The label with which the name of its ReplicaSet ends.

  friend bool operator==(const PodOwner&, const PodOwner&) = default;
};

/// The workload that a person knows the pod by: the Deployment of its ReplicaSet, the CronJob of
/// its Job (both by how their names are made), else its controller, else the pod itself. What is
/// counted by workload goes by it in the agent and in the scaler.
[[nodiscard]] std::string WorkloadName(const std::string& pod, const PodOwner& owner);

}  // namespace common::kubernetes

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "scaler/engine/capacity/observation.h"
#include "scaler/engine/capacity/policy.h"

namespace scaler::kubernetes::nodes {

struct Taint {
  std::string key;
  std::string value;
  std::string effect;  ///< "NoSchedule", ...
  std::string json;    ///< As the server sent it: a list of taints is written as a whole.

  friend bool operator==(const Taint&, const Taint&) = default;
};

/// What is read of a node.
struct ClusterNode {
  std::string name;
  std::string uid;
  std::string resource_version;
  std::string zone;  ///< topology.kubernetes.io/zone; empty where nobody says.
  engine::capacity::CapacityType type = engine::capacity::CapacityType::kOnDemand;
  std::string instance_type;
  double cpu_cores = 0;  ///< Allocatable.
  double memory_bytes = 0;
  int pods = 0;
  common::WallTime created;
  bool ready = false;
  bool unschedulable = false;
  bool leaving = false;  ///< Its object is being deleted.
  std::vector<Taint> taints;
  /// Of our annotations; empty where they are not there.
  std::string drain_since;
  std::string drain_deadline;
  bool cordoned_by_us = false;

  friend bool operator==(const ClusterNode&, const ClusterNode&) = default;
};

/// Reads a node as the API server sends it. What is missing or of another type keeps its default.
/// Spot by the labels of Karpenter, EKS, GKE and AKS.
[[nodiscard]] ClusterNode ReadNode(std::string_view json);

/// Whether the taint says what kind of node it is. Others say how it is at the moment (not ready,
/// cordoned, about to be removed), and nobody is to get used to them.
[[nodiscard]] bool IsOfItsKind(const Taint& taint);

/// An autoscaler of nodes is about to remove it.
[[nodiscard]] bool IsBeingRemoved(const ClusterNode& node);

}  // namespace scaler::kubernetes::nodes

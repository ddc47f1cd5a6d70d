#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scaler/engine/capacity/observation.h"
#include "scaler/local/spec.h"

namespace scaler::local::cloud {

using engine::capacity::CapacityType;
using engine::capacity::NodeKind;

/// Which cloud's metadata service a node has.
enum class Protocol { kNone, kAws, kGcp, kAzure };

struct PoolSpec {
  std::string name;
  CapacityType type = CapacityType::kOnDemand;
  std::vector<std::string> zones;
  NodeKind kind;
  std::string instance_type;  ///< As the metadata service tells it.
  std::chrono::milliseconds boot_time = std::chrono::seconds(20);
  std::chrono::milliseconds boot_jitter{0};  ///< Up to so much more, by the seed.
  int quota = 0;                             ///< Nodes of the pool, over all zones.
  Protocol metadata = Protocol::kAws;
};

/// The agent that every node starts. Without a command nodes have none.
struct AgentSpec {
  /// $(CONFIG), $(PORT), $(STATE), $(NODE) are filled in.
  std::vector<std::string> command;
  std::optional<std::filesystem::path> lifecycle;  ///< What the replicas' platform appends to.
  std::filesystem::path targets;  ///< Where Prometheus finds the agents; empty: nowhere.
  std::chrono::milliseconds signal_interval{500};
  std::chrono::milliseconds metadata_interval{500};  ///< How often it asks for notices.
};

/// The configuration of trimtab-local-cloud.
struct Spec {
  std::filesystem::path socket;           ///< Empty: cloud.sock in the state directory.
  std::string cgroup_parent = "trimtab";  ///< Nodes are cgroups below it.
  PortRange ports{20300, 20399};          ///< Two for each node: metadata and agent.
  OnExit on_exit = OnExit::kStop;
  std::uint64_t seed = 1;
  AgentSpec agent;
  std::vector<PoolSpec> pools;  ///< By name.
};

}  // namespace scaler::local::cloud

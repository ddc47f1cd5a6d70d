#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "agent/interruption/watcher.h"
#include "agent/requests/registry.h"
#include "common/result.h"

namespace agent::config {

/// What the operator says of this node; empty where he does not.
struct Node {
  std::string name = {};
  std::string zone = {};
  std::string capacity_type = {};
  std::string instance_type = {};
  std::string pool = {};
  /// The part of the machine that is the node, a path below each cgroup controller's mount; empty:
  /// all of it.
  std::string cgroup = {};
  /// Who says what will become of the node; empty: nobody is asked.
  std::optional<interruption::WatcherOptions> metadata = {};
};

/// How to follow this node's pods.
struct Kubernetes {
  std::string node_name = {};   ///< As the API has it; empty: NODE_NAME of the environment.
  std::string kubeconfig = {};  ///< Empty: the pod's service account.
  std::string context = {};     ///< Of the kubeconfig; empty: its current one.

  friend bool operator==(const Kubernetes&, const Kubernetes&) = default;
};

/// Everything that trimtab-agent can be told by its file. Every key is optional; without a file
/// the agent serves the node's metrics only.
struct Config {
  Node node = {};
  std::chrono::milliseconds signal_interval{500};
  std::shared_ptr<const requests::TenantRegistry> tenants =
      std::make_shared<const requests::TenantRegistry>();
  std::optional<std::filesystem::path> access_log = {};
  std::optional<std::filesystem::path> haproxy_socket = {};
  std::optional<std::filesystem::path> lifecycle = {};
  /// False: of the lifecycle only what is counted by workload is told; others tell of containers.
  bool tell_containers = true;
  std::optional<Kubernetes> kubernetes = {};
};

/// Reads a configuration file. Fails with all problems, each as file:line:col: path: problem.
[[nodiscard]] common::Result<Config> ReadConfig(const std::filesystem::path& path);

}  // namespace agent::config

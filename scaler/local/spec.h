#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scaler::local {

/// What one replica asks for (weight among its peers) and may use at most.
struct Resources {
  std::optional<double> cpu_request_cores;
  std::optional<std::uint64_t> memory_request_bytes;
  std::optional<double> cpu_limit_cores;
  std::optional<std::uint64_t> memory_limit_bytes;

  friend bool operator==(const Resources&, const Resources&) = default;
};

/// How to see that a replica serves. Without a path a TCP connection suffices.
struct HealthSpec {
  std::string path;
  std::chrono::milliseconds period = std::chrono::seconds(1);
  std::chrono::milliseconds timeout = std::chrono::seconds(1);
  int failure_threshold = 3;
  /// A replica that has not become ready by then counts as failed.
  std::chrono::milliseconds start_timeout = std::chrono::seconds(60);

  friend bool operator==(const HealthSpec&, const HealthSpec&) = default;
};

struct RestartSpec {
  std::chrono::milliseconds initial_back_off = std::chrono::seconds(1);
  std::chrono::milliseconds max_back_off = std::chrono::minutes(5);

  friend bool operator==(const RestartSpec&, const RestartSpec&) = default;
};

struct WorkloadSpec {
  std::string name;
  std::map<std::string, std::string> labels;
  /// Not yet expanded: $(PORT), $(REPLICA), $(WORKLOAD) and $(names of env) will be. All of them
  /// are in the environment too, with PATH, HOME, LANG, LC_ALL, TZ and TMPDIR of the scaler.
  std::vector<std::string> command;
  std::map<std::string, std::string> env;
  Resources resources;
  HealthSpec health;
  RestartSpec restart;
  std::chrono::milliseconds grace_period = std::chrono::seconds(10);
  std::string backend;  ///< HAProxy's; never empty.
  int replicas = 0;     ///< Wanted at the first start ever.

  friend bool operator==(const WorkloadSpec&, const WorkloadSpec&) = default;
};

/// What a replica takes of a node's memory: its request, else its limit.
[[nodiscard]] inline double MemoryRequest(const WorkloadSpec& spec) {
  const auto& resources = spec.resources;
  return static_cast<double>(
      resources.memory_request_bytes.value_or(resources.memory_limit_bytes.value_or(0)));
}

/// Both ends are included.
struct PortRange {
  int first = 20000;
  int last = 20999;

  friend bool operator==(const PortRange&, const PortRange&) = default;
};

/// What the end of the scaler does to its replicas.
enum class OnExit { kKeep, kStop };

/// The `local:` part of the scaler's configuration.
struct Spec {
  std::string cgroup_parent = "trimtab";  ///< Below each controller's mount.
  std::filesystem::path lifecycle;        ///< Empty: lifecycle.jsonl in the state directory.
  PortRange ports;
  std::optional<std::filesystem::path> haproxy_socket;
  /// Of who makes nodes, trimtab-local-cloud; empty: there are no nodes, and replicas run anywhere.
  std::optional<std::filesystem::path> cloud_socket;
  OnExit on_exit = OnExit::kKeep;
  std::vector<WorkloadSpec> workloads;  ///< By name.

  friend bool operator==(const Spec&, const Spec&) = default;
};

}  // namespace scaler::local

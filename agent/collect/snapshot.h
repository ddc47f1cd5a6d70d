#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/cgroup/sample.h"
#include "agent/cgroup/slice.h"
#include "agent/interruption/watcher.h"
#include "agent/kubernetes/pods_view.h"
#include "agent/procfs/cpu.h"
#include "agent/procfs/load.h"
#include "agent/procfs/memory.h"
#include "agent/procfs/pressure.h"
#include "agent/procfs/process.h"
#include "agent/requests/tenant_counters.h"
#include "agent/runtime/container_book.h"
#include "common/clock.h"

namespace agent::collect {

/// How the last run of one collector went.
struct CollectorHealth {
  std::string collector;
  double seconds = 0;  ///< How long it took.
  bool success = false;
  /// When it last succeeded; its values are that old. Empty: never yet.
  std::optional<common::MonotonicTime> sampled_at = {};

  friend bool operator==(const CollectorHealth&, const CollectorHealth&) = default;
};

/// The machine, or the part of it that is the node. What no collector has told yet is empty.
struct NodeSnapshot {
  /// Of a part of the machine, with its capacities; of the rest only `process` is then there.
  std::optional<cgroup::SliceSample> slice = {};
  std::optional<procfs::CpuSample> cpu = {};
  std::optional<procfs::MemorySample> memory = {};
  std::optional<procfs::LoadSample> load = {};
  std::vector<procfs::PressureSample> pressure = {};
  std::optional<std::uint64_t> oom_kills_total = {};
  std::optional<procfs::ProcessSample> process = {};  ///< This program itself.

  friend bool operator==(const NodeSnapshot&, const NodeSnapshot&) = default;
};

/// A running container whose cgroup could be read.
struct ContainerSnapshot {
  runtime::RunningContainer container;
  cgroup::Sample sample;

  friend bool operator==(const ContainerSnapshot&, const ContainerSnapshot&) = default;
};

struct WorkloadSnapshot {
  runtime::WorkloadKey key;
  runtime::RestartCounts restarts{};
  /// Kills inside its containers, whether or not the container ended by it.
  std::uint64_t oom_kills_total = 0;

  friend bool operator==(const WorkloadSnapshot&, const WorkloadSnapshot&) = default;
};

/// What the ingress says of one tenant at one moment.
struct ProxySnapshot {
  /// Requests that reached the proxy since our epoch began. Goes on over its restarts.
  std::uint64_t arrivals_total = 0;
  std::optional<std::uint64_t> in_flight = {};  ///< Being served. Empty while it does not answer.
  std::optional<std::uint64_t> queued = {};

  friend bool operator==(const ProxySnapshot&, const ProxySnapshot&) = default;
};

struct TenantSnapshot {
  requests::TenantCounters counters;
  std::optional<ProxySnapshot> proxy = {};  ///< Empty where no proxy knows the tenant.

  /// False for `_other` and `_invalid`, which gather the requests of nobody.
  [[nodiscard]] bool IsRegistered() const { return !counters.tenant.starts_with('_'); }

  friend bool operator==(const TenantSnapshot&, const TenantSnapshot&) = default;
};

/// Everything that the agent knows at one moment. Immutable once published.
struct Snapshot {
  common::WallTime sampled_at;
  /// Grows whenever what the signals carry was read anew; not when only the node was.
  std::uint64_t signal_number = 0;
  /// Why the counters are not whole yet; empty once they are.
  std::string not_ready = {};

  NodeSnapshot node = {};
  common::MonotonicTime node_read_at{};
  /// Of the lifecycle file.
  std::vector<ContainerSnapshot> containers = {};
  /// Of this node's pods.
  std::vector<ContainerSnapshot> pod_containers = {};
  /// The same pod by pod, without a container's name: what the signals tell of them.
  std::vector<ContainerSnapshot> pods = {};
  std::map<kubernetes::WaitingKey, std::uint64_t> waiting = {};
  std::vector<WorkloadSnapshot> workloads = {};
  std::vector<TenantSnapshot> tenants = {};
  std::optional<requests::SourceHealth> access_log = {};
  std::optional<std::uint64_t> bad_lifecycle_lines_total = {};
  /// What the cloud says will become of the node; empty where nobody is asked.
  std::optional<interruption::Notices> notices = {};
  std::vector<CollectorHealth> collectors = {};
};

}  // namespace agent::collect

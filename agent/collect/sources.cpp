#include "agent/collect/sources.h"

#include <algorithm>
#include <utility>

#include "agent/cgroup/hierarchies.h"
#include "agent/cgroup/slice.h"
#include "agent/collect/health.h"
#include "agent/collect/pod_reader.h"
#include "agent/collect/proxy_ledger.h"
#include "agent/procfs/vmstat.h"
#include "agent/requests/access_log.h"
#include "agent/runtime/lifecycle_file.h"
#include "common/haproxy/runtime_socket.h"
#include "common/haproxy/stat.h"
#include "common/log.h"

namespace agent::collect {
namespace {

using common::Result;

// A healthy HAProxy answers in a millisecond; one that hangs must not hold the signals up.
constexpr auto kProxyDeadline = std::chrono::milliseconds(250);

template <typename T, typename Into>
Result<void> Keep(Result<T> value, Into& into) {
  if (!value) {
    return tl::make_unexpected(value.error());
  }
  into = std::move(*value);
  return {};
}

}  // namespace

struct Sources::Impl {
  Impl(SourceOptions source_options, const common::Clock& program_clock)
      : options(std::move(source_options)),
        clock(program_clock),
        fs(options.root),
        health(clock),
        oom_ledger(options.earlier_oom_kills),
        pod_reader(options.root, options.slice) {
    if (!options.tenants) {
      options.tenants = std::make_shared<const requests::TenantRegistry>();
    }
    if (options.lifecycle) {
      lifecycle.emplace(*options.lifecycle);
    }
  }

  Result<void> OpenAccessLog() {
    if (!options.access_log) {
      return {};
    }
    requests::AccessLogOptions log_options;
    log_options.path = *options.access_log;
    log_options.checkpoint = options.checkpoint;
    log_options.on_first = [this](const std::string&) { first_request = true; };
    auto opened = requests::AccessLog::Open(std::move(log_options), options.tenants, clock);
    return Keep(std::move(opened), access_log);
  }

  Result<void> ReadLifecycle() {
    auto changes = lifecycle->Poll();
    if (!changes) {
      return tl::make_unexpected(changes.error());
    }
    if (changes->begun_anew) {
      oom_ledger.BeginAnew();
    }
    for (const auto& ended : changes->ended) {
      oom_ledger.End(ended);
    }
    return {};
  }

  /// A container whose cgroup cannot be read is left out; the first reason is the collector's.
  Result<void> ReadContainers() {
    containers.clear();
    const auto hierarchies = cgroup::FindHierarchies(fs);
    if (!hierarchies) {
      return tl::make_unexpected(hierarchies.error());
    }
    Result<void> outcome;
    for (auto& container : lifecycle->Book().Running()) {
      if (container.cgroup.empty() || !IsOurs(container.cgroup)) {
        continue;
      }
      auto sample = cgroup::ReadSample(fs, *hierarchies, container.cgroup);
      if (!sample) {
        if (outcome) {
          outcome = tl::make_unexpected(sample.error());
        }
      } else if (*sample) {
        if ((*sample)->memory) {
          oom_ledger.Observe(container, (*sample)->memory->oom_kills);
        }
        containers.push_back({std::move(container), **sample});
      }
    }
    return outcome;
  }

  Result<void> ReadPods() {
    pods = options.pods->latest();
    return cgroup::FindHierarchies(fs).and_then([&](const cgroup::Hierarchies& hierarchies) {
      const auto read = pod_reader.Read(*pods, hierarchies, clock.Monotonic());
      options.pods->observe(pod_reader.Kills());
      return read;
    });
  }

  /// A part has at most what the machine has.
  [[nodiscard]] Result<cgroup::SliceSample> ReadSlice() const {
    auto slice = cgroup::FindHierarchies(fs).and_then([&](const cgroup::Hierarchies& hierarchies) {
      return cgroup::ReadSlice(fs, hierarchies, options.slice);
    });
    if (!slice) {
      return slice;
    }
    if (const auto cpu = procfs::ReadCpu(fs); cpu && cpu->processors > 0) {
      const auto processors = static_cast<double>(cpu->processors);
      slice->cpu_cores = std::min(processors, slice->cpu_cores.value_or(processors));
    }
    if (const auto memory = procfs::ReadMemory(fs)) {
      slice->memory_bytes =
          std::min(memory->total_bytes, slice->memory_bytes.value_or(memory->total_bytes));
    }
    return slice;
  }

  [[nodiscard]] bool IsOurs(const std::string& path) const {
    return options.slice.empty() || path.starts_with(options.slice + "/");
  }

  Result<void> ReadProxy() {
    const auto lines =
        common::haproxy::Execute(*options.haproxy_socket, "show stat", kProxyDeadline)
            .and_then([](const std::string& answer) { return common::haproxy::ParseStat(answer); });
    if (!lines) {
      proxy.Miss();
      return tl::make_unexpected(lines.error());
    }
    proxy.Observe(*lines);
    return {};
  }

  Result<void> ReadAccessLog() {
    counters = access_log->Counters();
    return counters.source.problem.empty()
               ? Result<void>()
               : common::Fail(std::errc::io_error, counters.source.problem);
  }

  /// True where a registered tenant's requests grew though it had nothing in flight at the last
  /// look: its next number must not wait for the interval.
  [[nodiscard]] bool QuietTenantWoke(const requests::RequestCounters& now) const {
    for (std::size_t index = 0; index < options.tenants->Tenants().size(); ++index) {
      const bool known = index < counters.tenants.size() && index < now.tenants.size();
      if (!known || now.tenants[index].requests_total == counters.tenants[index].requests_total) {
        continue;
      }
      const auto reading = Proxy(options.tenants->Tenants()[index].backend);
      if (!reading || reading->in_flight.value_or(0) == 0) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::optional<ProxySnapshot> Proxy(const std::string& backend) const {
    return options.haproxy_socket ? proxy.Find(backend) : std::nullopt;
  }

  [[nodiscard]] std::vector<WorkloadSnapshot> TakeWorkloads() {
    std::vector<WorkloadSnapshot> workloads;
    if (pods) {
      for (const auto& [key, counts] : pods->workloads) {
        workloads.push_back({key, counts.restarts, counts.oom_kills});
      }
    }
    if (!lifecycle || !options.slice.empty()) {
      return workloads;
    }
    oom_kills = oom_ledger.Totals();
    auto keys = lifecycle->Book().Restarts();
    for (const auto& [key, kills] : oom_kills) {
      keys.try_emplace(key);  // The records of its containers may be gone; the count is not.
    }
    for (const auto& [key, restarts] : keys) {
      const auto kills = oom_kills.find(key);
      workloads.push_back({.key = key,
                           .restarts = restarts,
                           .oom_kills_total = kills == oom_kills.end() ? 0 : kills->second});
    }
    return workloads;
  }

  void TakePods(Snapshot& snapshot) const {
    if (!pods) {
      return;
    }
    snapshot.pod_containers = pod_reader.Containers();
    snapshot.pods = pod_reader.Pods();
    snapshot.waiting = pods->waiting;
    AddHearing("pods", pods->hearing, snapshot);
    if (pods->events) {
      AddHearing("pod_events", *pods->events, snapshot);
    }
  }

  /// What is told by a watch is of now for as long as the watch lives.
  void AddHearing(const char* collector, const kubernetes::Hearing& hearing,
                  Snapshot& snapshot) const {
    snapshot.collectors.push_back(
        {.collector = collector,
         .success = hearing.problem.empty(),
         .sampled_at = hearing.problem.empty() ? clock.Monotonic() : hearing.last_good});
  }

  [[nodiscard]] std::vector<TenantSnapshot> TakeTenants() const {
    std::vector<TenantSnapshot> tenants;
    const auto& registered = options.tenants->Tenants();
    for (std::size_t index = 0; index < registered.size(); ++index) {
      TenantSnapshot tenant;
      tenant.counters.tenant = registered[index].id;
      if (index < counters.tenants.size()) {
        tenant.counters = counters.tenants[index];
      }
      tenant.proxy = Proxy(registered[index].backend);
      tenants.push_back(std::move(tenant));
    }
    for (std::size_t index = registered.size(); index < counters.tenants.size(); ++index) {
      tenants.push_back({.counters = counters.tenants[index]});
    }
    return tenants;
  }

  SourceOptions options;
  const common::Clock& clock;
  common::FileSystem fs;
  HealthBook health;

  NodeSnapshot node;
  common::MonotonicTime node_read_at{};
  std::optional<runtime::LifecycleFile> lifecycle;
  std::vector<ContainerSnapshot> containers;
  OomLedger oom_ledger;
  OomKills oom_kills;
  std::shared_ptr<const kubernetes::PodsView> pods;  ///< Null: nobody tells, or not read yet.
  PodReader pod_reader;
  std::unique_ptr<requests::AccessLog> access_log;
  requests::RequestCounters counters;
  bool first_request = false;
  ProxyLedger proxy;
};

Sources::Sources(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Sources::~Sources() = default;

Result<std::unique_ptr<Sources>> Sources::Open(SourceOptions options, const common::Clock& clock) {
  auto impl = std::make_unique<Impl>(std::move(options), clock);
  if (auto opened = impl->OpenAccessLog(); !opened) {
    return tl::make_unexpected(opened.error());
  }
  return std::unique_ptr<Sources>(new Sources(std::move(impl)));
}

int Sources::AccessLogDescriptor() const {
  return impl_->access_log ? impl_->access_log->FileDescriptor() : -1;
}

Sources::LogPoll Sources::PollAccessLog() {
  if (!impl_->access_log) {
    return {};
  }
  LogPoll poll;
  poll.more = impl_->access_log->Poll();
  poll.urgent = std::exchange(impl_->first_request, false);
  if (!poll.urgent && impl_->access_log->CaughtUp()) {
    poll.urgent = impl_->QuietTenantWoke(impl_->access_log->Counters());
  }
  return poll;
}

void Sources::ReadNode() {
  const auto& fs = impl_->fs;
  auto& node = impl_->node;
  auto& health = impl_->health;
  health.Run("process", [&] { return Keep(procfs::ReadOwnProcess(), node.process); });
  impl_->node_read_at = impl_->clock.Monotonic();
  if (!impl_->options.slice.empty()) {
    health.Run("slice", [&] { return Keep(impl_->ReadSlice(), node.slice); });
    return;
  }
  health.Run("cpu", [&] { return Keep(procfs::ReadCpu(fs), node.cpu); });
  health.Run("memory", [&] { return Keep(procfs::ReadMemory(fs), node.memory); });
  health.Run("load", [&] { return Keep(procfs::ReadLoad(fs), node.load); });
  health.Run("pressure", [&] { return Keep(procfs::ReadPressure(fs), node.pressure); });
  health.Run("vmstat", [&] { return Keep(procfs::ReadOomKills(fs), node.oom_kills_total); });
}

void Sources::ReadSignals() {
  auto& health = impl_->health;
  if (impl_->lifecycle) {
    health.Run("lifecycle", [&] { return impl_->ReadLifecycle(); });
    health.Run("cgroups", [&] { return impl_->ReadContainers(); });
  }
  if (impl_->options.pods) {
    health.Run("pod_cgroups", [&] { return impl_->ReadPods(); });
  }
  if (impl_->access_log) {
    health.Run("access_log", [&] { return impl_->ReadAccessLog(); });
  }
  if (impl_->options.haproxy_socket) {
    health.Run("haproxy", [&] { return impl_->ReadProxy(); });
  }
}

Snapshot Sources::Take() {
  Snapshot snapshot;
  snapshot.sampled_at = impl_->clock.Wall();
  snapshot.node = impl_->node;
  snapshot.node_read_at = impl_->node_read_at;
  if (impl_->options.tell_containers) {
    snapshot.containers = impl_->containers;
  }
  snapshot.workloads = impl_->TakeWorkloads();
  snapshot.tenants = impl_->TakeTenants();
  if (impl_->access_log) {
    snapshot.access_log = impl_->counters.source;
    if (!impl_->access_log->CaughtUp()) {
      snapshot.not_ready = "the access log is still being read up to its end";
    }
  }
  if (impl_->lifecycle) {
    snapshot.bad_lifecycle_lines_total = impl_->lifecycle->BadLines();
  }
  snapshot.collectors = impl_->health.All();
  impl_->TakePods(snapshot);
  if (impl_->options.watched) {
    const auto watched = impl_->options.watched();
    snapshot.notices = watched.notices;
    snapshot.collectors.push_back({.collector = "interruption",
                                   .seconds = watched.seconds,
                                   .success = watched.success,
                                   .sampled_at = watched.looked_at});
  }
  return snapshot;
}

Result<void> Sources::SaveCheckpoint() {
  return impl_->access_log ? impl_->access_log->SaveCheckpoint() : Result<void>();
}

const OomKills& Sources::TotalOomKills() const { return impl_->oom_kills; }

}  // namespace agent::collect

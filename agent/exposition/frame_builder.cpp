#include "agent/exposition/frame_builder.h"

namespace agent::exposition {
namespace {

using common::signal::ContainerSignal;
using common::signal::Frame;
using common::signal::TenantSignal;

TenantSignal ToSignal(const collect::TenantSnapshot& tenant) {
  TenantSignal signal;
  signal.tenant = tenant.counters.tenant;
  signal.completions_total = tenant.counters.requests_total;
  signal.errors_total = tenant.counters.errors_total;
  static_assert(requests::LatencyHistogram::kBoundsSeconds ==
                common::signal::kLatencyBoundsSeconds);
  if (tenant.counters.latency.Count() > 0) {
    signal.latency = tenant.counters.latency.counts;
  }
  if (tenant.proxy) {
    signal.arrivals_total = tenant.proxy->arrivals_total;
    signal.in_flight = tenant.proxy->in_flight;
    signal.queued = tenant.proxy->queued;
  }
  return signal;
}

ContainerSignal ToSignal(const collect::ContainerSnapshot& snapshot) {
  const auto& [container, sample] = snapshot;
  ContainerSignal signal;
  signal.name_space = container.workload.name_space;
  signal.workload = container.workload.workload;
  signal.replica = container.id.replica;
  signal.attempt = container.id.attempt;
  signal.cpu_seconds_total = sample.cpu_seconds.value_or(0);
  if (sample.memory) {
    signal.memory_working_set_bytes = sample.memory->WorkingSetBytes();
    signal.memory_limit_bytes = sample.memory->limit_bytes;
    signal.oom_kills_total = sample.memory->oom_kills;
  }
  return signal;
}

/// Remembers `signal` under `key`; true where it is new or differs from what was there.
template <typename Signal>
bool Remember(std::map<std::string, Signal>& known, const std::string& key, const Signal& signal) {
  const auto [entry, is_new] = known.try_emplace(key, signal);
  if (is_new) {
    return true;
  }
  const bool differs = !(entry->second == signal);
  entry->second = signal;
  return differs;
}

}  // namespace

Frame FrameBuilder::Next(const collect::Snapshot& snapshot, std::uint64_t sequence) {
  Frame frame;
  frame.agent = info_.node;
  frame.epoch = epoch_;
  frame.sequence = sequence;
  frame.full = std::exchange(is_first_, false);
  frame.sampled_at = snapshot.sampled_at;
  AddTenants(snapshot, frame);
  AddContainers(snapshot, frame);
  AddNode(snapshot, frame);
  return frame;
}

void FrameBuilder::AddNode(const collect::Snapshot& snapshot, Frame& frame) {
  if (!snapshot.notices || (!frame.full && notices_ == snapshot.notices)) {
    return;
  }
  notices_ = snapshot.notices;
  auto& node = frame.node.emplace();
  node.name = info_.node;
  node.zone = info_.zone;
  node.pool = info_.pool;
  for (const auto& notice : *snapshot.notices) {
    node.notices.push_back({.kind = std::string(NameOf(notice.kind)),
                            .at = notice.at,
                            .left_ms = (notice.at - snapshot.sampled_at).count()});
  }
}

void FrameBuilder::AddTenants(const collect::Snapshot& snapshot, Frame& frame) {
  for (const auto& tenant : snapshot.tenants) {
    if (!tenant.IsRegistered()) {
      continue;
    }
    auto signal = ToSignal(tenant);
    if (Remember(tenants_, signal.tenant, signal)) {
      frame.tenants.push_back(std::move(signal));
    }
  }
}

void FrameBuilder::AddContainers(const collect::Snapshot& snapshot, Frame& frame) {
  std::map<std::string, ContainerSignal> running;
  for (const auto* containers : {&snapshot.containers, &snapshot.pods}) {
    for (const auto& container : *containers) {
      // Without CPU time there is no signal: 0 would look like an idle replica.
      if (!container.sample.cpu_seconds) {
        continue;
      }
      auto signal = ToSignal(container);
      const auto key = ContainerKey(signal);
      if (Remember(containers_, key, signal)) {
        frame.containers.push_back(signal);
      }
      running.emplace(key, std::move(signal));
    }
  }
  for (const auto& [key, signal] : containers_) {
    if (!running.contains(key)) {
      frame.gone_containers.push_back(key);
    }
  }
  containers_ = std::move(running);
}

}  // namespace agent::exposition

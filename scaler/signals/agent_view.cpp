#include "scaler/signals/agent_view.h"

#include <algorithm>
#include <set>
#include <utility>

namespace scaler::signals {
namespace {

using common::signal::ContainerKey;
using common::signal::ContainerSignal;
using common::signal::Frame;
using common::signal::TenantSignal;

/// What counts as demand: arrivals where a proxy tells them, what was served where none does.
std::uint64_t ArrivalsOf(const TenantSignal& tenant) {
  return tenant.arrivals_total.value_or(tenant.completions_total);
}

/// The agent knows how many came, but not how many are there now: its ingress gave no answer.
bool IsIngressSilent(const TenantSignal& tenant) {
  return tenant.arrivals_total && !tenant.in_flight;
}

/// Forgets the entries whose keys are not in `kept`.
template <typename Map>
void KeepOnly(Map& map, const std::set<std::string>& kept) {
  std::erase_if(map, [&](const auto& entry) { return !kept.contains(entry.first); });
}

}  // namespace

AgentView::Verdict AgentView::Fold(const Frame& frame, common::MonotonicTime now) {
  const bool same_epoch = heard_at_ && frame.epoch == epoch_;
  if (!frame.full) {
    if (same_epoch && frame.sequence <= sequence_) {
      return Verdict::kRepeated;
    }
    if (expects_full_ || !same_epoch || frame.sequence != sequence_ + 1) {
      expects_full_ = true;
      return Verdict::kGap;
    }
  } else if (heard_at_ && frame.epoch < epoch_) {
    return Verdict::kRepeated;  // From before the agent's restart.
  } else if (same_epoch && !expects_full_ && frame.sequence <= sequence_) {
    return Verdict::kRepeated;
  }
  if (!same_epoch) {
    tenants_.clear();
    containers_.clear();
  }
  name_ = frame.agent;
  epoch_ = frame.epoch;
  sequence_ = frame.sequence;
  heard_at_ = now;
  told_news_ = frame.full || frame.node || !frame.tenants.empty() || !frame.containers.empty() ||
               !frame.gone_containers.empty();
  if (frame.full) {
    FoldFull(frame);
  }
  FoldTenants(frame, now);
  FoldContainers(frame, now);
  if (frame.node) {
    node_ = signals::Fold(node_, *frame.node, now);
  } else if (frame.full) {
    node_.reset();
  }
  return Verdict::kTaken;
}

std::optional<TenantView> AgentView::FindTenant(const std::string& tenant) const {
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? std::nullopt : found->second.view;
}

std::optional<common::signal::LatencyCounts> AgentView::LatencyOf(const std::string& tenant) const {
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? std::nullopt : found->second.latency.Counts();
}

const std::vector<ContainerView>& AgentView::ContainersOf(const std::string& name_space,
                                                          const std::string& workload) const {
  static const std::vector<ContainerView> kNone;
  const auto found = by_workload_.find({name_space, workload});
  return found == by_workload_.end() ? kNone : found->second;
}

/// What a full frame does not name is gone.
void AgentView::FoldFull(const Frame& frame) {
  expects_full_ = false;
  std::set<std::string> tenants;
  for (const auto& tenant : frame.tenants) {
    tenants.insert(tenant.tenant);
  }
  KeepOnly(tenants_, tenants);
  std::set<std::string> containers;
  for (const auto& container : frame.containers) {
    containers.insert(ContainerKey(container));
  }
  KeepOnly(containers_, containers);
}

void AgentView::FoldTenants(const Frame& frame, common::MonotonicTime now) {
  for (const auto& signal : frame.tenants) {
    tenants_
        .try_emplace(signal.tenant, Tenant{.arrivals = Rate<std::uint64_t>(window_),
                                           .last = signal,
                                           .view = {},
                                           .latency = {},
                                           .back_at = {}})
        .first->second.last = signal;
  }
  // A tenant that a frame does not name has not changed, and that is a reading too.
  for (auto& [name, tenant] : tenants_) {
    Read(tenant, now);
  }
}

void AgentView::Read(Tenant& tenant, common::MonotonicTime now) const {
  const auto& last = tenant.last;
  if (last.latency) {
    tenant.latency.Add(now, *last.latency);
  }
  const bool was_silent = std::exchange(tenant.is_silent, IsIngressSilent(last));
  if (tenant.is_silent) {
    return;
  }
  if (was_silent) {
    tenant.back_at = now;
  }
  tenant.arrivals.Add(now, ArrivalsOf(last));
  auto rate = tenant.arrivals.PerSecond();
  if (!rate) {
    return;
  }
  // As long as the rate reaches over the silence it may be too low, because nobody could arrive; it
  // is right where they have waited. Without the silence they would look like a burst.
  if (tenant.back_at && now - *tenant.back_at >= window_) {
    tenant.back_at.reset();
  }
  if (tenant.back_at && tenant.view) {
    rate = std::max(*rate, tenant.view->arrivals_per_second);
  }
  tenant.view = TenantView{*rate, static_cast<double>(last.in_flight.value_or(0)),
                           static_cast<double>(last.queued.value_or(0)), now};
}

void AgentView::FoldContainers(const Frame& frame, common::MonotonicTime now) {
  for (const auto& key : frame.gone_containers) {
    containers_.erase(key);
  }
  for (const auto& signal : frame.containers) {
    containers_.try_emplace(ContainerKey(signal), Container{Rate<double>(window_), signal})
        .first->second.last = signal;
  }
  const auto before = std::exchange(by_workload_, {});
  for (auto& [key, container] : containers_) {
    container.cpu_seconds.Add(now, container.last.cpu_seconds_total);
    const auto& last = container.last;
    by_workload_[{last.name_space, last.workload}].push_back(
        {last.replica, container.cpu_seconds.PerSecond(),
         static_cast<double>(last.memory_working_set_bytes),
         static_cast<double>(last.memory_limit_bytes.value_or(0))});
  }
  const bool same =
      std::equal(before.begin(), before.end(), by_workload_.begin(), by_workload_.end(),
                 [](const auto& left, const auto& right) { return left.first == right.first; });
  placement_ += same ? 0 : 1;
}

}  // namespace scaler::signals

#include "tests/demo/stage/watch.h"

#include <algorithm>
#include <utility>

namespace demo {
namespace {

using common::MonotonicTime;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr auto kPollDeadline = seconds(1);
constexpr auto kMonitoringPeriod = seconds(1);
constexpr auto kRecent = seconds(3);
constexpr std::size_t kMostRecent = 2000;
constexpr std::size_t kScalingsShown = 8;
constexpr std::size_t kMostAlerts = 1000;
/// An outcome may reach the timeline a little after a later decision was read.
constexpr auto kSettling = milliseconds(500);

std::vector<std::string> NamesOf(const Course& course) {
  std::vector<std::string> names;
  for (const auto& tenant : course.tenants) {
    names.push_back(tenant.name);
  }
  return names;
}

}  // namespace

Watch::Watch(const Course& course, const Ports& ports, const Cloud& cloud)
    : scaler_(Loopback(ports.scaler)),
      prometheus_(Loopback(ports.prometheus), kPollDeadline),
      alertmanager_(Loopback(ports.alertmanager), kPollDeadline),
      account_(NamesOf(course)),
      health_(course.tenants.size()),
      cloud_(cloud),
      recent_(course.tenants.size()),
      fault_pending_(course.tenants.size()) {
  for (std::size_t index = 0; index < course.tenants.size(); ++index) {
    index_[course.tenants[index].name] = index;
  }
}

void Watch::Add(Event event) {
  CountRecent(event);
  timeline_.Add(std::move(event));
}

void Watch::CountRecent(const Event& event) {
  const std::lock_guard lock(recent_mutex_);
  if (const auto* const outcome = std::get_if<Outcome>(&event)) {
    auto& times = recent_[outcome->tenant];
    times.push_back(outcome->ended);
    while (times.size() > kMostRecent || times.front() + kRecent < outcome->ended) {
      times.pop_front();
    }
  } else if (const auto* const fault = std::get_if<FaultInjected>(&event)) {
    fault_pending_[fault->tenant] = true;
  }
}

double Watch::RequestsPerSecond(const std::string& tenant) const {
  const auto found = index_.find(tenant);
  if (found == index_.end()) {
    return 0;
  }
  const std::lock_guard lock(recent_mutex_);
  const auto& times = recent_[found->second];
  const auto since = steady_clock::now() - kRecent;
  const auto count =
      std::count_if(times.begin(), times.end(), [&](MonotonicTime time) { return time > since; });
  return static_cast<double>(count) / std::chrono::duration<double>(kRecent).count();
}

void Watch::BeginFromHere() {
  for (const auto& workload : status_.workloads) {
    const auto found = index_.find(workload.name);
    if (found != index_.end() && workload.desired > 0) {
      account_.SetServing(found->second);
    }
  }
}

void Watch::Poll() {
  trouble_.clear();
  PollScaler();
  PollNodes();
  if (steady_clock::now() >= next_monitoring_) {
    next_monitoring_ = steady_clock::now() + kMonitoringPeriod;
    PollMonitoring();
  }
}

void Watch::PollScaler() {
  const auto began = steady_clock::now();
  auto status = scaler_.Status();
  if (!status) {
    NoteTrouble(status.error().what);
    return;
  }
  status_ = std::move(*status);
  for (const auto& problem : status_.silent_parts) {
    Note(problem);
  }
  NoticeRecovery(began);
  const auto decisions = scaler_.DecisionsAfter(last_decision_);
  if (!decisions) {
    NoteTrouble(decisions.error().what);
    return;
  }
  TakeDecisions(*decisions);
  // Every decision committed before we asked is known now, so the past is settled.
  Settle(began - kSettling);
}

void Watch::PollNodes() {
  if (auto nodes = scaler_.Capacity()) {
    nodes_ = std::move(*nodes);
    nodes_account_.Look(nodes_, steady_clock::now());
  } else {
    NoteTrouble(nodes.error().what);
  }
  if (const auto lines = scaler_.CapacityAfter(nodes_account_.LastLine(), kOnDemandPool)) {
    nodes_account_.Take(*lines);
  } else {
    NoteTrouble(lines.error().what);
  }
  if (const auto view = cloud_.List()) {
    nodes_account_.Look(*view);
  } else {
    NoteTrouble(view.error().what);
  }
}

/// A tenant has recovered from its fault once a restart was seen and all that is wanted is ready.
void Watch::NoticeRecovery(MonotonicTime at) {
  std::vector<bool> injected(health_.size());
  {
    const std::lock_guard lock(recent_mutex_);
    std::swap(injected, fault_pending_);
  }
  for (const auto& workload : status_.workloads) {
    const auto found = index_.find(workload.name);
    if (found == index_.end()) {
      continue;
    }
    auto& health = health_[found->second];
    if (injected[found->second]) {
      health.faulty = true;
      health.restarted = false;
    } else if (!health.faulty) {
      health.restarts_before = workload.restarts;
    }
    if (health.faulty) {
      health.restarted = health.restarted || workload.restarts > health.restarts_before;
      if (health.restarted && workload.ready >= std::max(1, workload.desired)) {
        health.faulty = false;
        timeline_.Add(Recovered{.tenant = found->second, .at = at});
      }
    }
  }
}

void Watch::TakeDecisions(const std::vector<DecisionLine>& decisions) {
  for (const auto& decision : decisions) {
    last_decision_ = decision.id;
    if (seen_decisions_.size() < kMostRemembered) {
      seen_decisions_.insert(decision.id);
    }
    const auto found = index_.find(decision.workload);
    if (decision.outcome != "scaled" || decision.from == decision.to || found == index_.end()) {
      continue;
    }
    timeline_.Add(Scaled{.tenant = found->second,
                         .at = decision.committed,
                         .from = decision.from,
                         .to = decision.to});
    if (scalings_.size() < kMostRemembered) {
      scalings_.push_back({.tenant = decision.workload,
                           .at = decision.committed,
                           .from = decision.from,
                           .to = decision.to});
    }
    last_scalings_.push_back(decision);
    if (last_scalings_.size() > kScalingsShown) {
      last_scalings_.pop_front();
    }
  }
}

void Watch::Settle(MonotonicTime horizon) {
  for (const auto& event : timeline_.TakeBefore(horizon)) {
    account_.Apply(event);
  }
}

void Watch::PollMonitoring() {
  const auto restarts = prometheus_.Query("sum by (reason) (trimtab_container_restarts_total)");
  if (restarts) {
    for (const auto& sample : *restarts) {
      const auto reason = sample.labels.find("reason");
      if (reason != sample.labels.end()) {
        restarts_[reason->second] = sample.value;
      }
    }
  } else {
    NoteTrouble(restarts.error().what);
  }
  const auto alerts = alertmanager_.Alerts();
  if (!alerts) {
    NoteTrouble(alerts.error().what);
    return;
  }
  // Alertmanager forgets what is resolved; we do not.
  for (const auto& alert : *alerts) {
    if (alerts_.size() < kMostAlerts && alert_labels_.insert(alert.labels).second) {
      alerts_.push_back(alert);
    }
  }
}

void Watch::NoteTrouble(const std::string& what) {
  trouble_ = what;
  Note(what);
}

void Watch::Note(const std::string& complaint) {
  if (complaints_.size() < kMostRemembered) {
    complaints_.insert(complaint);
  }
}

/// Reads all decisions again: what was listed once must still be.
void Watch::CheckHistory(const std::vector<MonotonicTime>& scaler_kills) {
  const auto listed = scaler_.DecisionsAfter(0);
  if (listed) {
    history_ = CompareDecisions(seen_decisions_, *listed, scaler_kills);
    return;
  }
  history_.seen = seen_decisions_.size();
  history_.forgotten = history_.seen;
  NoteTrouble(listed.error().what);
}

void Watch::Finish(milliseconds patience, const std::vector<MonotonicTime>& scaler_kills) {
  next_monitoring_ = {};
  Poll();
  Settle(MonotonicTime::max());
  counted_ = CountRequests(prometheus_, account_.GetTotals().WithStatus(), patience);
  CheckHistory(scaler_kills);
  const auto missed = prometheus_.Query("sum(trimtab_drain_deadline_missed_total)");
  if (missed && !missed->empty()) {
    drains_missed_ = static_cast<std::uint64_t>(missed->front().value);
  }
  // Rules and alerts of what happened last.
  PollMonitoring();
}

}  // namespace demo

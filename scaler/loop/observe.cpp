#include "scaler/loop/observe.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace scaler::loop {
namespace {

engine::Pod PodOf(const platform::Replica& replica, const platform::Workload& workload,
                  const signals::TimeMap& time) {
  engine::Pod pod;
  pod.name = replica.id;
  pod.ready = replica.phase == platform::Phase::kReady;
  pod.terminating = replica.phase == platform::Phase::kDraining;
  pod.waits_for_restart = replica.phase == platform::Phase::kBackOff;
  pod.restarts = replica.restarts;
  pod.memory_limit_bytes = workload.memory_limit_bytes.value_or(0);
  if (replica.last_end) {
    pod.last_end = replica.last_end->how;
    pod.last_end_at = time.At(replica.last_end->at);
  }
  if (replica.created) {
    pod.started = time.At(*replica.created);
  }
  if (replica.ready_changed) {
    pod.ready_changed = time.At(*replica.ready_changed);
  }
  if (replica.pending) {
    pod.phase = engine::Pod::Phase::kPending;
  }
  pod.revision = replica.revision;
  pod.memory_request_bytes = workload.memory_request_bytes.value_or(0);
  pod.cpu_request_cores = workload.cpu_request_cores.value_or(0);
  return pod;
}

std::vector<engine::Pod> PodsOf(const platform::Workload& workload, const signals::TimeMap& time) {
  std::vector<engine::Pod> pods;
  for (const auto& replica : workload.replicas) {
    pods.push_back(PodOf(replica, workload, time));
  }
  return pods;
}

/// Adds each container's use to its pod; what belongs to none of them is not ours.
void AddUse(const engine::Sampled<std::vector<signals::ContainerView>>& use,
            const platform::Workload& workload, std::vector<engine::Pod>& pods) {
  const auto add = [&](std::optional<engine::Sampled<double>>& to, double value) {
    to = engine::Sampled<double>{(to ? to->value : 0) + value, use.at};
  };
  for (const auto& container : use.value) {
    const auto pod = std::find_if(pods.begin(), pods.end(),
                                  [&](const auto& each) { return each.name == container.replica; });
    if (pod == pods.end()) {
      continue;
    }
    add(pod->memory_bytes, container.memory_working_set_bytes);
    if (!workload.memory_limit_bytes) {
      pod->memory_limit_bytes += container.memory_limit_bytes;
    }
    if (container.cpu_cores) {
      add(pod->cpu_cores, *container.cpu_cores);
    }
  }
}

int CountReady(const std::vector<engine::Pod>& pods) {
  return static_cast<int>(
      std::count_if(pods.begin(), pods.end(), [](const auto& pod) { return pod.ready; }));
}

bool NeedsDemand(const engine::Policy& policy) {
  return policy.signals.requests || policy.signals.in_flight || policy.signals.queued ||
         policy.idle;
}

/// Only what the policy goes by: it is asked for every replica.
bool NeedsUse(const engine::Policy& policy, const engine::Observation& observation) {
  const auto& signals = policy.signals;
  const bool learns = signals.requests && !signals.requests->per_replica_per_second;
  return signals.cpu || signals.memory || learns ||
         std::any_of(observation.pods.begin(), observation.pods.end(), [](const auto& pod) {
           return pod.last_end == engine::Pod::End::kOutOfMemory;
         });
}

template <typename T>
void Take(signals::Input<T> input, const char* what, std::optional<engine::Sampled<T>>& to,
          engine::Observation& observation) {
  if (!input.sample && !input.why_not.empty()) {
    observation.left_out.push_back({what, std::move(input.why_not)});
  }
  to = std::move(input.sample);
}

void AddExternal(const engine::ExternalSignal& signal, const engine::Policy& policy,
                 const signals::ExternalSignals* external, const signals::TimeMap& time,
                 engine::Observation& observation) {
  const auto input = external == nullptr
                         ? signals::Input<double>{std::nullopt, "no Prometheus is configured"}
                         : external->ValueOf(signal.query, time);
  if (input.sample) {
    observation.external.push_back({signal.name, *input.sample});
  }
  // A question that failed is no news while the answer before it still counts.
  const bool counts =
      input.sample && time.engine_now - input.sample->at <= policy.guards.stale_after;
  if (!counts && !input.why_not.empty()) {
    observation.left_out.push_back({signal.name, input.why_not});
  }
}

}  // namespace

engine::Observation Observe(const platform::Workload& workload, const Governed& governed,
                            const Sources& sources, const signals::TimeMap& time) {
  engine::Observation observation;
  observation.now = time.engine_now;
  observation.desired_replicas = workload.desired;
  observation.pods = PodsOf(workload, time);
  observation.ready_replicas = CountReady(observation.pods);
  if (!workload.owned_by.empty()) {
    observation.left_out.push_back({"the right to write", workload.owned_by + " scales it"});
  }
  if (NeedsDemand(*governed.policy)) {
    Take(sources.agents.DemandOf(governed.tenant, time), "demand", observation.demand, observation);
  }
  if (const auto& guard = governed.policy->signals.latency) {
    Take(sources.agents.LatencyOf(governed.tenant, guard->quantile, time), "latency",
         observation.latency_seconds, observation);
  }
  for (const auto& signal : governed.policy->signals.external) {
    AddExternal(signal, *governed.policy, sources.external, time, observation);
  }
  if (observation.ready_replicas > 0 && NeedsUse(*governed.policy, observation)) {
    const auto use = sources.agents.UseOf(workload.id.name_space, workload.id.name, time);
    if (use.sample) {
      AddUse(*use.sample, workload, observation.pods);
    } else if (governed.policy->signals.cpu || governed.policy->signals.memory) {
      observation.left_out.push_back({"use of resources", use.why_not});
    }
  }
  return observation;
}

}  // namespace scaler::loop

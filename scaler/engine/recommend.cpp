#include "scaler/engine/recommend.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "scaler/engine/capacity_learning.h"
#include "scaler/engine/hpa.h"
#include "scaler/engine/idle_gaps.h"
#include "scaler/engine/provision.h"

namespace scaler::engine {
namespace {

/// No policy allows more; keeps a wild measurement from overflowing an int.
constexpr double kMostReplicas = 1'000'000;

int CeilReplicas(double replicas) {
  if (std::isnan(replicas)) {
    return 0;
  }
  return static_cast<int>(std::ceil(std::clamp(replicas, 0.0, kMostReplicas)));
}

template <typename T>
bool Usable(const std::optional<Sampled<T>>& sample, const Policy& policy, Time now) {
  return sample && now - sample->at <= policy.guards.stale_after;
}

std::string Old(Time at, Time now) {
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - at).count();
  return "the last sample is " + std::to_string(age) + " s old";
}

template <typename T>
LeftOut Missing(const char* signal, const std::optional<Sampled<T>>& sample, Time now) {
  return {signal, sample ? Old(sample->at, now) : "nobody reports it"};
}

/// Within the tolerance of the target nothing changes, as in the HPA.
bool WithinTolerance(double ratio, double tolerance) { return std::abs(1.0 - ratio) <= tolerance; }

/// What one replica carries; empty while it is still to be learned.
std::optional<double> PerReplica(const Policy& policy, const Observation& observation,
                                 State& state) {
  const auto& declared = policy.signals.requests->per_replica_per_second;
  if (declared) {
    state.capacity.reset();
    return declared;
  }
  auto& capacity = state.capacity ? *state.capacity : state.capacity.emplace();
  LearnCapacity(WorkOf(policy, observation), capacity);
  return CapacityOf(capacity);
}

void AskRequests(const Policy& policy, const Observation& observation, State& state,
                 Recommendations& all) {
  if (!Usable(observation.demand, policy, observation.now)) {
    all.missing.push_back(Missing("requests", observation.demand, observation.now));
    return;
  }
  const auto target = PerReplica(policy, observation, state);
  if (!target) {
    // What is there stays while there is work for it, and a first replica comes: nothing is learned
    // from none.
    const double arrivals = observation.demand->value.arrivals_per_second;
    const int held = arrivals > 0 ? std::max(observation.desired_replicas, 1) : 0;
    all.left_out.push_back({"requests", "what one replica carries is not known yet"});
    all.from_signals.push_back({"requests", arrivals, 0, held});
    return;
  }
  all.headroom = ProvideFor(policy, observation, *target, state);
  all.from_signals.push_back({"requests", all.headroom->demand, *target, all.headroom->replicas});
  if (const auto& season = all.headroom->season; season && season->used) {
    all.from_signals.push_back({"forecast", season->demand, *target, season->replicas});
  }
}

void AskCount(const char* name, const CountSignal& signal, double Demand::*count,
              const Policy& policy, const Observation& observation, Recommendations& all) {
  if (!Usable(observation.demand, policy, observation.now)) {
    all.missing.push_back(Missing(name, observation.demand, observation.now));
    return;
  }
  const double value = observation.demand->value.*count;
  all.from_signals.push_back(
      {name, value, signal.per_replica, CeilReplicas(value / signal.per_replica)});
}

/// How the use of a resource is found in a pod.
struct Resource {
  const char* name;
  double Pod::*request;
  std::optional<Sampled<double>> Pod::*use;
};

constexpr Resource kCpu{"cpu", &Pod::cpu_request_cores, &Pod::cpu_cores};
constexpr Resource kMemory{"memory", &Pod::memory_request_bytes, &Pod::memory_bytes};

/// Of the ready pods.
struct Use {
  double used = 0;
  double requested = 0;
  int measured = 0;
  int unmeasured = 0;  ///< Ready, but no sample of theirs is of the time since then.
  int foreign = 0;     ///< Found by the selector, made by somebody else.
  std::optional<Time> oldest;
};

Use Measure(const Resource& resource, const std::vector<Pod>& pods) {
  Use use;
  for (const auto& pod : pods) {
    const auto& sample = pod.*resource.use;
    if (!pod.owned) {
      ++use.foreign;
    } else if (!pod.ready || pod.terminating) {
      continue;  // What starts uses more, and what ends less, than what it serves with.
    } else if (!sample || (pod.ready_changed && sample->at < *pod.ready_changed)) {
      ++use.unmeasured;
    } else {
      use.used += sample->value;
      use.requested += pod.*resource.request;
      use.oldest = use.oldest ? std::min(*use.oldest, sample->at) : sample->at;
      ++use.measured;
    }
  }
  return use;
}

/// How many replicas the use needs. Pods that nobody measured count as much as the target allows
/// while that lowers less, and not at all where the others need more: as in the HPA, an unknown
/// neither raises nor drops the number.
int ReplicasFor(const Use& use, double ratio, int current) {
  const int needed = CeilReplicas(ratio * use.measured);
  return needed >= current ? needed : std::min(current, needed + use.unmeasured);
}

void AskResource(const Resource& resource, const UtilizationSignal& signal, const Policy& policy,
                 const Observation& observation, Recommendations& all) {
  const int current = observation.desired_replicas;
  if (current == 0) {
    return;  // Nothing is to run, so there is nothing to measure and nothing is missing.
  }
  if (observation.ready_replicas == 0) {
    all.missing.push_back({resource.name, "no replica is ready to be measured"});
    return;
  }
  const auto use = Measure(resource, observation.pods);
  if (use.foreign > 0) {
    all.left_out.push_back({std::to_string(use.foreign) + " pods",
                            "the selector finds them, but the workload did not make them"});
  }
  if (!use.oldest) {
    all.missing.push_back({resource.name, "nobody reports it"});
    return;
  }
  if (observation.now - *use.oldest > policy.guards.stale_after) {
    all.missing.push_back({resource.name, Old(*use.oldest, observation.now)});
    return;
  }
  if (use.requested <= 0) {
    all.missing.push_back({resource.name, std::string("the replicas request no ") + resource.name +
                                              ", so there is no utilization"});
    return;
  }
  const double utilization = use.used / use.requested;
  const double ratio = utilization / signal.utilization;
  all.from_signals.push_back(
      {resource.name, utilization, signal.utilization,
       WithinTolerance(ratio, policy.tolerance) ? current : ReplicasFor(use, ratio, current)});
}

void AskExternal(const ExternalSignal& signal, const Policy& policy, const Observation& observation,
                 Recommendations& all) {
  const auto found = std::find_if(observation.external.begin(), observation.external.end(),
                                  [&](const auto& value) { return value.name == signal.name; });
  if (found == observation.external.end()) {
    all.missing.push_back({signal.name, "its query has no answer"});
    return;
  }
  if (observation.now - found->sample.at > policy.guards.stale_after) {
    all.missing.push_back({signal.name, Old(found->sample.at, observation.now)});
    return;
  }
  const double ratio = found->sample.value / signal.target;
  const bool absolute =
      signal.kind == ExternalSignal::Kind::kPerReplica || observation.ready_replicas == 0;
  const int replicas = CeilReplicas(absolute ? ratio : ratio * observation.ready_replicas);
  all.from_signals.push_back({signal.name, found->sample.value, signal.target, replicas});
}

/// Each signal by itself, by our own rules.
void AskSignals(const Policy& policy, const Observation& observation, State& state,
                Recommendations& all) {
  const auto& signals = policy.signals;
  if (signals.requests) {
    AskRequests(policy, observation, state, all);
  }
  if (signals.in_flight) {
    AskCount("in_flight", *signals.in_flight, &Demand::in_flight, policy, observation, all);
  }
  if (signals.queued) {
    AskCount("queued", *signals.queued, &Demand::queued, policy, observation, all);
  }
  if (signals.cpu) {
    AskResource(kCpu, *signals.cpu, policy, observation, all);
  }
  if (signals.memory) {
    AskResource(kMemory, *signals.memory, policy, observation, all);
  }
  for (const auto& external : signals.external) {
    AskExternal(external, policy, observation, all);
  }
}

/// Who has a queue of their own is not idle while there is something in it; and where only queues
/// say what there is to do, nobody need know of visitors.
void LookForActivity(const Policy& policy, const Observation& observation, Recommendations& all) {
  const auto& signals = policy.signals;
  bool queues_known = !signals.external.empty();
  for (const auto& external : signals.external) {
    const auto found = std::find_if(all.from_signals.begin(), all.from_signals.end(),
                                    [&](const auto& one) { return one.signal == external.name; });
    queues_known = queues_known && found != all.from_signals.end();
    all.active = all.active || (found != all.from_signals.end() && found->value > 0);
  }
  const bool visitors_known = Usable(observation.demand, policy, observation.now);
  if (visitors_known) {
    const auto& demand = observation.demand->value;
    all.active =
        all.active || demand.arrivals_per_second > 0 || demand.in_flight > 0 || demand.queued > 0;
  }
  const bool needs_visitors = signals.requests || signals.in_flight || signals.queued;
  all.demand_known = visitors_known || (queues_known && !needs_visitors);
  if (!all.demand_known && policy.idle && !needs_visitors) {
    all.missing.push_back(Missing("idle", observation.demand, observation.now));
  }
}

/// When visitors come and stay away, for the policies that keep warm.
void LearnVisits(const Policy& policy, const Observation& observation, const Recommendations& all,
                 State& state) {
  if (!policy.idle || !policy.idle->keep_warm) {
    state.gaps.reset();
    return;
  }
  auto& gaps = state.gaps ? *state.gaps : state.gaps.emplace();
  if (Usable(observation.demand, policy, observation.now)) {
    LearnGaps(observation.demand->at, all.active, observation.demand->value.arrivals_per_second,
              gaps);
  } else {
    ForgetLastVisit(gaps);
  }
}

}  // namespace

Recommendations Recommend(const Policy& policy, const Observation& observation, State& state) {
  Recommendations all;
  if (policy.algorithm == Algorithm::kHpa) {
    HpaRecommend(policy, observation, all);
  } else {
    AskSignals(policy, observation, state, all);
  }
  LookForActivity(policy, observation, all);
  LearnVisits(policy, observation, all, state);
  return all;
}

}  // namespace scaler::engine

#include "scaler/engine/recommend.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace scaler::engine {
namespace {

/// No policy allows more; keeps a wild measurement from overflowing an int.
constexpr double kMostReplicas = 1'000'000;

int CeilReplicas(double replicas) {
  return static_cast<int>(std::ceil(std::clamp(replicas, 0.0, kMostReplicas)));
}

template <typename T>
bool Usable(const std::optional<Sampled<T>>& sample, const Policy& policy, Time now) {
  return sample && now - sample->at <= policy.guards.stale_after;
}

template <typename T>
LeftOut Missing(const char* signal, const std::optional<Sampled<T>>& sample, Time now) {
  if (!sample) {
    return {signal, "nobody reports it"};
  }
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - sample->at).count();
  return {signal, "the last sample is " + std::to_string(age) + " s old"};
}

/// Within the tolerance of the target nothing changes, as in the HPA.
bool WithinTolerance(double ratio, double tolerance) { return std::abs(1.0 - ratio) <= tolerance; }

Recommendation FromRequests(const Policy& policy, const Observation& observation) {
  const double arrivals = observation.demand->value.arrivals_per_second;
  const double target = policy.requests->per_replica_per_second;
  const int current = observation.desired_replicas;
  int replicas = CeilReplicas(arrivals / target);
  if (current > 0 && WithinTolerance(arrivals / (target * current), policy.tolerance)) {
    replicas = current;
  }
  return {"requests", arrivals, target, replicas};
}

Recommendation FromCpu(const Policy& policy, const Observation& observation) {
  const auto& use = observation.cpu->value;
  const double target = policy.cpu->utilization;
  const double utilization = use.usage_cores / use.request_cores;
  const double ratio = utilization / target;
  const int replicas = WithinTolerance(ratio, policy.tolerance)
                           ? observation.desired_replicas
                           : CeilReplicas(ratio * use.replicas);
  return {"cpu", utilization, target, replicas};
}

void AskRequests(const Policy& policy, const Observation& observation, Recommendations& all) {
  if (!Usable(observation.demand, policy, observation.now)) {
    all.missing.push_back(Missing("requests", observation.demand, observation.now));
    return;
  }
  all.from_signals.push_back(FromRequests(policy, observation));
}

void AskCpu(const Policy& policy, const Observation& observation, Recommendations& all) {
  if (observation.desired_replicas == 0) {
    return;  // Nothing is to run, so there is nothing to measure and nothing is missing.
  }
  if (observation.ready_replicas == 0) {
    all.missing.push_back({"cpu", "no replica is ready to be measured"});
    return;
  }
  if (!Usable(observation.cpu, policy, observation.now)) {
    all.missing.push_back(Missing("cpu", observation.cpu, observation.now));
    return;
  }
  if (observation.cpu->value.request_cores <= 0) {
    all.missing.push_back({"cpu", "the replicas request no CPU, so there is no utilization"});
    return;
  }
  all.from_signals.push_back(FromCpu(policy, observation));
}

}  // namespace

Recommendations Recommend(const Policy& policy, const Observation& observation) {
  Recommendations all;
  if (policy.requests) {
    AskRequests(policy, observation, all);
  }
  if (policy.cpu) {
    AskCpu(policy, observation, all);
  }
  all.demand_known = Usable(observation.demand, policy, observation.now);
  if (all.demand_known) {
    const auto& demand = observation.demand->value;
    all.active = demand.arrivals_per_second > 0 || demand.in_flight > 0 || demand.queued > 0;
  } else if (policy.idle && !policy.requests) {
    all.missing.push_back(Missing("idle", observation.demand, observation.now));
  }
  return all;
}

}  // namespace scaler::engine

#include "scaler/engine/capacity_learning.h"

#include <algorithm>

namespace scaler::engine {
namespace {

using std::chrono::seconds;

constexpr Duration kEnough = seconds(60);
/// A pause counts as no more than this.
constexpr Duration kLongestStep = seconds(15);
/// Below this share, what CPU a replica uses anyway says more than what requests use.
constexpr double kLeastCpu = 0.1;
constexpr double kMostBeyondProven = 2;
/// Where the policy says nothing of CPU.
constexpr double kDefaultCpuTarget = 0.8;
/// Of what was carried while it was too much.
constexpr double kBackOff = 0.95;
constexpr double kMostMovePerSecond = 0.01;
/// Halves in about a week of work.
constexpr double kFadePerSecond = 1.0 / 870'000;

bool Overloaded(const WorkSample& sample) {
  return sample.queued > 0 || (sample.latency_seconds && sample.latency_bound_seconds &&
                               *sample.latency_seconds > *sample.latency_bound_seconds);
}

/// By what grows with the requests; empty where nothing does that is known.
std::optional<double> Extrapolated(const WorkSample& sample, double load) {
  std::optional<double> carried;
  const auto at_most = [&](double value) { carried = carried ? std::min(*carried, value) : value; };
  if (sample.cpu && sample.cpu_target > 0 && *sample.cpu >= kLeastCpu) {
    at_most(load * sample.cpu_target / *sample.cpu);
  }
  if (sample.in_flight_per_replica && sample.in_flight > 0) {
    at_most(load * *sample.in_flight_per_replica * sample.ready_replicas / sample.in_flight);
  }
  return carried;
}

std::optional<double> CpuShare(const std::vector<Pod>& pods) {
  double used = 0;
  double requested = 0;
  for (const auto& pod : pods) {
    if (pod.owned && pod.ready && !pod.terminating && pod.cpu_cores) {
      used += pod.cpu_cores->value;
      requested += pod.cpu_request_cores;
    }
  }
  return requested > 0 ? std::optional(used / requested) : std::nullopt;
}

}  // namespace

WorkSample WorkOf(const Policy& policy, const Observation& observation) {
  const auto& signals = policy.signals;
  const auto& demand = *observation.demand;
  WorkSample sample{.seen = demand.at,
                    .arrivals_per_second = demand.value.arrivals_per_second,
                    .in_flight = demand.value.in_flight,
                    .queued = demand.value.queued,
                    .ready_replicas = observation.ready_replicas,
                    .cpu = CpuShare(observation.pods),
                    .cpu_target = signals.cpu ? signals.cpu->utilization : kDefaultCpuTarget,
                    .in_flight_per_replica = {},
                    .latency_seconds = {},
                    .latency_bound_seconds = {}};
  if (signals.in_flight) {
    sample.in_flight_per_replica = signals.in_flight->per_replica;
  }
  if (observation.latency_seconds) {
    sample.latency_seconds = observation.latency_seconds->value;
  }
  if (signals.latency) {
    sample.latency_bound_seconds = std::chrono::duration<double>(signals.latency->below).count();
  }
  return sample;
}

void LearnCapacity(const WorkSample& sample, LearnedCapacity& capacity) {
  const bool told = sample.seen > capacity.seen && sample.ready_replicas > 0;
  if (!told || sample.arrivals_per_second <= 0) {
    return;
  }
  const double load = sample.arrivals_per_second / sample.ready_replicas;
  const auto extrapolated = Extrapolated(sample, load);
  const bool overloaded = Overloaded(sample);
  const bool latency_known = sample.latency_seconds && sample.latency_bound_seconds;
  if (!extrapolated && !latency_known) {
    return;
  }
  const auto step = std::min<Duration>(sample.seen - capacity.seen, kLongestStep);
  const double elapsed = std::chrono::duration<double>(step).count();
  capacity.seen = sample.seen;
  capacity.proven *= 1 - kFadePerSecond * elapsed;
  if (!overloaded && !(sample.cpu && *sample.cpu > sample.cpu_target)) {
    capacity.proven = std::max(capacity.proven, load);
  }
  const double proven = std::max(capacity.proven, load);
  double estimate = std::min(extrapolated.value_or(proven), kMostBeyondProven * proven);
  if (overloaded) {
    estimate = std::min(estimate, kBackOff * load);
  }
  if (capacity.per_replica <= 0) {
    capacity.per_replica = estimate;
  } else {
    const double most = kMostMovePerSecond * elapsed * capacity.per_replica;
    capacity.per_replica += std::clamp(estimate - capacity.per_replica, -most, most);
  }
  capacity.busy = std::min(capacity.busy + step, kEnough);
}

std::optional<double> CapacityOf(const LearnedCapacity& capacity) {
  const bool known = capacity.busy >= kEnough && capacity.per_replica > 0;
  return known ? std::optional(capacity.per_replica) : std::nullopt;
}

}  // namespace scaler::engine

#pragma once

#include <optional>

#include "scaler/engine/observation.h"
#include "scaler/engine/policy.h"

namespace scaler::engine {

/// What one replica of a workload carries, as it showed.
struct LearnedCapacity {
  double per_replica = 0;  ///< Requests per second.
  double proven = 0;       ///< The most that a replica has carried well; fades over days.
  Duration busy{};         ///< For how long it was looked at while it had work.
  Time seen{};             ///< The last sample that counted.

  friend bool operator==(const LearnedCapacity&, const LearnedCapacity&) = default;
};

/// A workload at work.
struct WorkSample {
  Time seen{};
  double arrivals_per_second = 0;
  double in_flight = 0;
  double queued = 0;
  int ready_replicas = 0;
  std::optional<double> cpu;                    ///< Use as a share of the request.
  double cpu_target = 0;                        ///< What it should be at most.
  std::optional<double> in_flight_per_replica;  ///< What a replica takes at a time.
  std::optional<double> latency_seconds;
  std::optional<double> latency_bound_seconds;
};

/// What an observation with a known demand says; CPU is that of the ready replicas that were
/// measured.
[[nodiscard]] WorkSample WorkOf(const Policy& policy, const Observation& observation);

/// Learns from a sample; from one without work, nothing. CPU that grows with the requests and
/// requests in flight that grow with them (Little's law) say what a replica would carry at its
/// limit, of which at most twice what was proven is believed; where there is latency alone, what it
/// carried well. It is less than was carried while requests were slow or waited. Moves by no more
/// than 1 % a second.
void LearnCapacity(const WorkSample& sample, LearnedCapacity& capacity);

/// Empty: a minute's work has not been seen yet, or nothing that tells a limit.
[[nodiscard]] std::optional<double> CapacityOf(const LearnedCapacity& capacity);

}  // namespace scaler::engine

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scaler/codec/capacity_memory.h"
#include "scaler/engine/capacity/decision.h"
#include "scaler/engine/capacity/observation.h"
#include "scaler/engine/capacity/policy.h"
#include "scaler/platform/node_platform.h"

namespace scaler::fleet {

/// How long drains took, as a Prometheus histogram.
struct DrainTimes {
  static const std::vector<double>& Bounds();  ///< Seconds, ascending.

  std::vector<std::uint64_t> counts;  ///< Not cumulative; the last is above all bounds.
  double sum = 0;

  void Observe(double seconds);

  friend bool operator==(const DrainTimes&, const DrainTimes&) = default;
};

/// Counters since the start of the program. A key that is not there is 0.
struct FleetCounters {
  std::map<std::pair<std::string, std::string>, std::uint64_t> refusals;  ///< Pool, why.
  /// Pool and zone; then announced or not.
  std::map<std::pair<std::pair<std::string, std::string>, bool>, std::uint64_t> interruptions;
  std::map<std::pair<std::string, bool>, std::uint64_t> actions;  ///< Name of the kind, taken.
  std::map<std::string, DrainTimes> drains;                       ///< By reason.
  std::map<platform::WorkloadId, std::uint64_t> node_lost;        ///< Replicas.
  std::uint64_t deadlines_missed = 0;
  std::uint64_t decisions = 0;  ///< That differed from the one before.

  friend bool operator==(const FleetCounters&, const FleetCounters&) = default;
};

/// All that people are told of the nodes: an immutable value. Null pointers: no decision yet.
struct FleetStatus {
  engine::Time now{};
  std::shared_ptr<const engine::capacity::CapacityPolicy> policy;  ///< Null: there is none.
  std::shared_ptr<const engine::capacity::CapacityObservation> observation;
  std::shared_ptr<const engine::capacity::CapacityDecision> decision;  ///< The newest.
  std::shared_ptr<const engine::capacity::CapacityDecision> change;    ///< The last with actions.
  std::vector<platform::HostedPod> pending;                            ///< With the reason.
  std::vector<platform::KeptRoom> kept;      ///< By placeholder pods, for the policy.
  std::vector<platform::HeldPod> held;       ///< That may not leave their nodes yet.
  std::map<std::string, engine::Time> born;  ///< When each node was asked for.
  std::vector<codec::OpenOrder> orders;
  std::vector<std::string> unwanted;
  std::string provider_problem;
  double decision_seconds = 0;
  FleetCounters counters;
};

}  // namespace scaler::fleet

#pragma once

#include <optional>

#include "scaler/engine/decision.h"
#include "scaler/engine/demand_memory.h"
#include "scaler/engine/observation.h"
#include "scaler/engine/state.h"

namespace scaler::engine {

/// What there is to provide for.
struct ProvisionQuestion {
  double demand = 0;  ///< Requests per second.
  Time seen{};        ///< When that was so.
  Time now{};
  double per_replica = 0;        ///< Requests per second, > 0.
  double overload = 0;           ///< Objective.overload.
  std::optional<Duration> hold;  ///< Objective.hold.
  int current = 0;               ///< Replicas that are asked for now.
  Lead lead;
};

/// How many replicas the objective needs: the demand's own need, and each further replica whose
/// capacity will, one lead from now, be used to at least the share that the objective allows to be
/// missing (the newsvendor's rule, with the chances from ForecastErrors). Where `hold` is given, no
/// more than for the highest demand of so long and a few usual moves. Never less than the demand's
/// own need, and never less for more demand.
[[nodiscard]] Headroom Provision(const ProvisionQuestion& question, const DemandMemory& memory);

/// Provides for the arrivals of `observation`, which are known, within the policy's tolerance, and
/// learns from them. `per_replica`: requests per second, > 0.
[[nodiscard]] Headroom ProvideFor(const Policy& policy, const Observation& observation,
                                  double per_replica, State& state);

/// Learns from the sample that was provided for; each sample counts once.
void LearnDemand(const ProvisionQuestion& question, int replicas, DemandMemory& memory);

}  // namespace scaler::engine

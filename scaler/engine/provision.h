#pragma once

#include <optional>
#include <span>

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
  bool learn_hold = false;       ///< Objective.learn_hold.
  int current = 0;               ///< Replicas that are asked for now.
  Lead lead;
  std::span<const Duration> seasons;  ///< As by SeasonsOf; they must outlive it.
};

/// What is provided, and what would be otherwise: to learn from.
struct Provision {
  Headroom headroom;
  int replicas = 0;  ///< With what a season says, where it counts.
  int brief = 0;     ///< Without holding anything for what was there before.
  int held = 0;      ///< Holding for as long as the objective needs.
  SeasonForecasts seasons{};
};

/// How many replicas the objective needs: the demand's own need, and each further replica whose
/// capacity will, one lead from now, be used to at least the share that the objective allows to be
/// missing (the newsvendor's rule, with the chances from ForecastErrors). Where `hold` is given, no
/// more than for the highest demand of so long and a few usual moves. Never less than the demand's
/// own need, and never less for more demand.
///
/// With `learn_hold` the whole number counts where the workload's own trials of the last hours say
/// that it is worth what it costs, else the number without anything held. A season's forecast that
/// has shown the same raises the number.
[[nodiscard]] Provision Provide(const ProvisionQuestion& question, const DemandMemory& memory);

/// Provides for the arrivals of `observation`, which are known, within the policy's tolerance, and
/// learns from them. `per_replica`: requests per second, > 0. What a season asks for stands beside
/// the headroom's number.
[[nodiscard]] Headroom ProvideFor(const Policy& policy, const Observation& observation,
                                  double per_replica, State& state);

/// Learns from the sample that was provided for; each sample counts once.
void LearnDemand(const ProvisionQuestion& question, const Provision& provision,
                 DemandMemory& memory);

}  // namespace scaler::engine

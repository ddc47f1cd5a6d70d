#pragma once

#include <cstddef>

#include "scaler/engine/number.h"
#include "scaler/engine/observation.h"
#include "scaler/engine/policy.h"
#include "scaler/engine/recommend.h"
#include "scaler/engine/state.h"

namespace scaler::engine {

/// A workload's own trouble is no reason for more of it. Where most of its pods do not stay up,
/// nothing rises. Where some do not, only what comes from outside (arrivals, external signals) is
/// believed: the CPU, memory, queues and requests in flight of the others tell of the trouble.
void GuardCrashLoop(const Policy& policy, const Observation& observation,
                    const Recommendations& asked, Number& number);

/// While pods of a new revision start, the others carry more and are measured as fewer, so nothing
/// is taken away. A roll-out that is stuck holds for ten minutes, Kubernetes' own deadline.
void GuardRollout(const Policy& policy, const Observation& observation, Number& number);

/// While requests are slower than the policy allows, nothing is taken away.
void GuardLatency(const Policy& policy, const Observation& observation, Number& number);

/// So many changes of direction are remembered.
inline constexpr std::size_t kMostReversals = 6;

/// What has changed its direction six times in ten minutes stays up until it has calmed down.
void GuardFlapping(const Policy& policy, const Observation& observation, const State& state,
                   Number& number);

/// Remembers the direction of a change for GuardFlapping.
void RememberDirection(Time now, int from, int to, State& state);

/// The colour that is to take over gets the other's replicas before it gets the traffic; the one
/// that has handed over keeps its own until the other has served for long enough.
void GuardBlueGreen(const Policy& policy, const Observation& observation, Number& number);

}  // namespace scaler::engine

#include "scaler/engine/decide.h"

#include <algorithm>
#include <utility>

#include "scaler/engine/bounds.h"
#include "scaler/engine/guards.h"
#include "scaler/engine/hpa.h"
#include "scaler/engine/idle_gaps.h"
#include "scaler/engine/limits.h"
#include "scaler/engine/memory.h"
#include "scaler/engine/need.h"
#include "scaler/engine/number.h"
#include "scaler/engine/recommend.h"

namespace scaler::engine {
namespace {

Step Hold(const Observation& observation, State state, Decision decision) {
  decision.outcome = Outcome::kHeld;
  decision.desired = observation.desired_replicas;
  return {std::move(state), std::move(decision)};
}

int Largest(const std::vector<Recommendation>& recommendations) {
  int largest = 0;
  for (const auto& recommendation : recommendations) {
    largest = std::max(largest, recommendation.replicas);
  }
  return largest;
}

void ApplyStabilization(const Policy& policy, const Observation& observation, Number& number,
                        State& state) {
  const int current = observation.desired_replicas;
  RememberRecommendation(policy.behavior, observation.now, number.Value(), state);
  const int stable = Stabilize(policy.behavior, observation.now, current, number.Value(), state);
  if (stable > number.Value()) {
    number.Change(Rule::kStabilizationDown, stable,
                  Seconds(policy.behavior.scale_down.stabilization_window));
  } else {
    number.Change(Rule::kStabilizationUp, stable,
                  Seconds(policy.behavior.scale_up.stabilization_window));
  }
}

/// Empty: the policy's time for idleness holds.
std::optional<Warmth> WarmthOf(const Policy& policy, const Observation& observation,
                               const State& state) {
  if (!policy.idle || !policy.idle->keep_warm || !state.gaps || !observation.demand) {
    return {};
  }
  const auto& requests = policy.signals.requests;
  return KeepWarm(*state.gaps,
                  {.overload = policy.objective.overload,
                   .per_replica = requests ? requests->per_replica_per_second : std::nullopt,
                   .lead = observation.lead.replica,
                   .warm_now = observation.desired_replicas > 0,
                   .seen = observation.demand->at,
                   .now = observation.now});
}

void ApplyIdle(const Policy& policy, const Observation& observation, bool active, Number& number,
               State& state) {
  if (active || !state.last_active) {
    state.last_active = observation.now;
  }
  const auto quiet_for = observation.now - *state.last_active;
  if (const auto warmth = active ? std::nullopt : WarmthOf(policy, observation, state)) {
    // What the workload's own gaps say, instead of a fixed time.
    if (warmth->warm) {
      number.AtLeast(Rule::kKeepWarm, warmth->replicas, Seconds(quiet_for));
    } else {
      number.Change(Rule::kIdle, 0, Seconds(quiet_for));
    }
    return;
  }
  if (policy.idle && !active && quiet_for >= policy.idle->after) {
    // Whatever the other signals say: a replica that only answers health checks uses CPU too.
    number.Change(Rule::kIdle, 0, Seconds(quiet_for));
    return;
  }
  if (number.Value() > 0) {
    return;
  }
  if (active) {
    // Also from zero: waking is not subject to the scale-up window.
    number.Change(Rule::kWake, 1);
    return;
  }
  if (observation.desired_replicas > 0 && policy.idle) {
    number.Change(Rule::kIdle, 1, Seconds(quiet_for));
  }
}

void ApplyRateLimits(const Policy& policy, const Observation& observation, const State& state,
                     Number& number) {
  const int current = observation.desired_replicas;
  const auto& behavior = policy.behavior;
  if (number.Value() > current) {
    // One replica is always allowed from zero, where a percentage would allow none for ever.
    const int most = std::max(MostReplicas(behavior.scale_up, observation.now, current, state),
                              current == 0 ? 1 : 0);
    number.Change(Rule::kRateLimitUp, std::min(number.Value(), most));
  } else {
    const int fewest = FewestReplicas(behavior.scale_down, observation.now, current, state);
    number.Change(Rule::kRateLimitDown, std::max(number.Value(), fewest));
  }
}

/// What has only just been asked for is not missing yet.
bool FallsBack(const Policy& policy, const Observation& observation) {
  return policy.guards.on_missing == Guards::OnMissing::kFallback &&
         !(observation.watched_since &&
           observation.now - *observation.watched_since < policy.guards.stale_after);
}

void ApplyMissing(const Policy& policy, const Observation& observation, Number& number) {
  number.AtLeast(Rule::kMissingInput, observation.desired_replicas);
  if (FallsBack(policy, observation)) {
    number.AtLeast(Rule::kFallback, policy.guards.fallback_replicas);
  }
}

void ApplyRedundancy(const Policy& policy, Number& number) {
  const auto& placement = policy.placement;
  if (number.Value() > 0) {
    number.AtLeast(Rule::kRedundancy,
                   std::max({placement.min_replicas, placement.min_nodes, placement.min_zones}));
  }
}

/// What a workload's own trouble and other people's changes must not do to it.
void ApplyGuards(const Policy& policy, const Observation& observation, const Recommendations& asked,
                 const State& state, Number& number) {
  GuardCrashLoop(policy, observation, asked, number);
  GuardRollout(policy, observation, number);
  GuardLatency(policy, observation, number);
  GuardFlapping(policy, observation, state, number);
}

Outcome OutcomeOf(const Policy& policy, int current, int desired) {
  if (desired == current) {
    return Outcome::kKept;
  }
  return policy.mode == Mode::kDryRun ? Outcome::kDryRun : Outcome::kScaled;
}

/// The number is what is to be.
Step Finish(const Policy& policy, const Observation& observation, int desired, State state,
            Decision decision) {
  const int current = observation.desired_replicas;
  decision.desired = desired;
  decision.outcome = OutcomeOf(policy, current, desired);
  if (decision.outcome == Outcome::kScaled) {
    RememberChange(policy.behavior, observation.now, current, desired, state);
    RememberDirection(observation.now, current, desired, state);
  }
  return {std::move(state), std::move(decision)};
}

/// Without a look at any metric, as the HPA has it.
Step GoToBounds(const Policy& policy, const Observation& observation, int to, State state,
                Decision decision) {
  const int current = observation.desired_replicas;
  if (to == current) {
    decision.left_out.push_back({"everything", "an HPA leaves alone what is set to no replicas"});
    return Hold(observation, std::move(state), std::move(decision));
  }
  Number(current, decision.clamps).Change(to > current ? Rule::kMin : Rule::kMax, to);
  return Finish(policy, observation, to, std::move(state), std::move(decision));
}

}  // namespace

Step Decide(const Policy& policy, State state, const Observation& observation) {
  const bool is_hpa = policy.algorithm == Algorithm::kHpa;
  const int current = observation.desired_replicas;
  if (is_hpa && !state.hpa) {
    // What an HPA finds is the first thing that it remembers.
    RememberRecommendation(policy.behavior, observation.now, current, state);
  }
  Decision decision{.at = observation.now,
                    .outcome = Outcome::kKept,
                    .current = current,
                    .desired = current,
                    .recommendations = {},
                    .clamps = {},
                    .left_out = observation.left_out,
                    .hpa = HpaShadow(policy, observation, state),
                    .memory = {},
                    .headroom = {}};
  if (policy.mode == Mode::kPaused || !observation.frozen.empty()) {
    decision.left_out.push_back({"everything", observation.frozen.empty()
                                                   ? "the policy is paused"
                                                   : "frozen: " + observation.frozen});
    state.last_active = observation.now;  // What was not looked at was not idle.
    return Hold(observation, std::move(state), std::move(decision));
  }

  decision.memory = AdviseMemory(policy, observation, state);
  if (const auto to = is_hpa ? HpaWithoutMetrics(policy, observation) : std::nullopt) {
    return GoToBounds(policy, observation, *to, std::move(state), std::move(decision));
  }
  const auto asked = Recommend(policy, observation, state);
  decision.headroom = asked.headroom;
  decision.recommendations = asked.from_signals;
  const bool input_missing = !asked.missing.empty();
  for (const auto* some : {&asked.missing, &asked.left_out}) {
    decision.left_out.insert(decision.left_out.end(), some->begin(), some->end());
  }
  if (!asked.demand_known) {
    state.last_active = observation.now;  // Not knowing is not idleness.
  }
  // Where less is wanted by some signals only, an HPA does not even remember it.
  const bool holds =
      decision.recommendations.empty() || (is_hpa && Largest(decision.recommendations) < current);
  if (holds && input_missing && !FallsBack(policy, observation)) {
    return Hold(observation, std::move(state), std::move(decision));
  }

  Number number(NeedOf(policy, asked, current, decision), decision.clamps);
  if (input_missing) {
    ApplyMissing(policy, observation, number);
  }
  ApplyGuards(policy, observation, asked, state, number);
  ApplyStabilization(policy, observation, number, state);
  ApplyIdle(policy, observation, asked.active, number, state);
  ApplyRateLimits(policy, observation, state, number);
  GuardBlueGreen(policy, observation, number);
  ApplyRedundancy(policy, number);
  ApplySchedule(policy, observation, number);
  ApplyBounds(policy, observation, number);

  return Finish(policy, observation, number.Value(), std::move(state), std::move(decision));
}

}  // namespace scaler::engine

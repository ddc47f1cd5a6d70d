#include "scaler/engine/guards.h"

#include <algorithm>
#include <string_view>

#include "scaler/engine/need.h"

namespace scaler::engine {
namespace {

using std::chrono::minutes;

/// An end is trouble until the pod has been up again for as long as Kubernetes' longest back-off.
constexpr Duration kTroubleWindow = minutes(5);

/// So many restarts are a loop, until a pod has been ready for so long.
constexpr std::uint32_t kAgainAndAgain = 2;
constexpr Duration kSteady = minutes(1);

/// Kubernetes' default progressDeadlineSeconds.
constexpr Duration kRolloutDeadline = minutes(10);

constexpr Duration kFlappingWindow = minutes(10);
constexpr int kFarBelow = 2;  ///< One in so many, or fewer.
/// So long after it went up a small fall is not followed: a replica, or one in ten. The window of
/// the HPA, for what the HPA's tolerance leaves alone.
constexpr Duration kSettling = minutes(5);
constexpr int kSmall = 10;

bool Counts(const Pod& pod) { return pod.owned && !pod.terminating; }

bool EndedBadly(const Pod& pod) {
  return pod.last_end == Pod::End::kError || pod.last_end == Pod::End::kOutOfMemory ||
         pod.last_end == Pod::End::kHealthCheck;
}

/// One that has ended badly again and again is not well as soon as it is ready, but when it has
/// stayed up for a while.
bool InTrouble(const Pod& pod, Time now) {
  if (pod.waits_for_restart) {
    return true;
  }
  if (!EndedBadly(pod) || !pod.last_end_at) {
    return false;
  }
  if (!pod.ready) {
    return now - *pod.last_end_at < kTroubleWindow;
  }
  const auto up_since = pod.ready_changed ? *pod.ready_changed : *pod.last_end_at;
  return pod.restarts >= kAgainAndAgain && now - up_since < kSteady;
}

/// How many pods of a roll-out are still to become ready; 0 where there is none under way.
int StartingInRollout(const Observation& observation) {
  const std::string* revision = nullptr;
  bool several = false;
  int starting = 0;
  for (const auto& pod : observation.pods) {
    if (!pod.owned) {
      continue;
    }
    several = several || (revision != nullptr && *revision != pod.revision);
    revision = &pod.revision;
    const bool is_young = pod.started && observation.now - *pod.started < kRolloutDeadline;
    starting += !pod.ready && !pod.terminating && is_young ? 1 : 0;
  }
  return several ? starting : 0;
}

bool IsSmallFall(int from, int to) {
  return to < from && from - to <= std::max(from / kSmall, 1) && to * kFarBelow > from;
}

/// It has never served, or has pods that were started since it did.
bool IsToTakeOver(const Observation& observation) {
  const auto& until = observation.peer->we_served_until;
  return !until || std::any_of(observation.pods.begin(), observation.pods.end(), [&](auto& pod) {
    return Counts(pod) && pod.started && *pod.started > *until;
  });
}

}  // namespace

void GuardCrashLoop(const Policy& policy, const Observation& observation,
                    const Recommendations& asked, Number& number) {
  const int current = observation.desired_replicas;
  if (!policy.guards.hold_in_crash_loop || number.Value() <= current) {
    return;
  }
  const auto& pods = observation.pods;
  const auto all = std::count_if(pods.begin(), pods.end(), Counts);
  const auto troubled = std::count_if(pods.begin(), pods.end(), [&](const auto& pod) {
    return Counts(pod) && InTrouble(pod, observation.now);
  });
  if (troubled == 0) {
    return;
  }
  const int believed = 2 * troubled > all ? current : NeedFromOutside(policy, asked);
  number.AtMost(Rule::kCrashLoop, std::max(current, believed), static_cast<double>(troubled));
}

void GuardRollout(const Policy& policy, const Observation& observation, Number& number) {
  if (!policy.guards.ignore_unready_rollout || number.Value() >= observation.desired_replicas) {
    return;
  }
  if (const int starting = StartingInRollout(observation); starting > 0) {
    number.AtLeast(Rule::kRollout, observation.desired_replicas, starting);
  }
}

void GuardLatency(const Policy& policy, const Observation& observation, Number& number) {
  const auto& guard = policy.signals.latency;
  const auto& sample = observation.latency_seconds;
  if (guard && sample && observation.now - sample->at <= policy.guards.stale_after &&
      sample->value > Seconds(guard->below)) {
    number.AtLeast(Rule::kLatency, observation.desired_replicas, sample->value);
  }
}

void GuardFlapping(const Policy& policy, const Observation& observation, const State& state,
                   Number& number) {
  if (!policy.guards.damp_flapping) {
    return;
  }
  const int current = observation.desired_replicas;
  if (state.last_direction > 0 && state.raised && IsSmallFall(current, number.Value()) &&
      observation.now - *state.raised < kSettling) {
    number.AtLeast(Rule::kFlapping, current, Seconds(observation.now - *state.raised),
                   "a small fall");
    return;
  }
  const auto& reversals = state.reversals;
  if (reversals.size() < kMostReversals ||
      observation.now - reversals.front().at >= kFlappingWindow) {
    return;
  }
  const auto lowest = std::min_element(
      reversals.begin(), reversals.end(),
      [](const auto& left, const auto& right) { return left.replicas < right.replicas; });
  // What falls far below the least that it has turned at does not flap, but falls.
  if (number.Value() * kFarBelow > lowest->replicas) {
    number.AtLeast(Rule::kFlapping, observation.desired_replicas,
                   static_cast<double>(reversals.size()));
  }
}

void RememberDirection(Time now, int from, int to, State& state) {
  const int direction = to > from ? 1 : -1;
  if (state.last_direction != 0 && state.last_direction != direction) {
    if (state.reversals.size() == kMostReversals) {
      state.reversals.erase(state.reversals.begin());
    }
    state.reversals.push_back({now, from});
  }
  state.last_direction = direction;
  if (direction > 0) {
    state.raised = now;
  }
}

void GuardBlueGreen(const Policy& policy, const Observation& observation, Number& number) {
  const auto& guard = policy.guards.blue_green;
  const auto& peer = observation.peer;
  const int current = observation.desired_replicas;
  // One that nobody has started is not to take over.
  if (!guard || !peer || peer->we_serve || !peer->serving_since || current == 0) {
    return;
  }
  if (IsToTakeOver(observation)) {
    number.AtLeast(Rule::kBlueGreenMatch, peer->desired_replicas, peer->desired_replicas,
                   peer->name);
    return;
  }
  const auto served = observation.now - *peer->serving_since;
  if (served < guard->hold) {
    number.AtLeast(Rule::kBlueGreenHold, current, Seconds(served), peer->name);
  }
}

}  // namespace scaler::engine

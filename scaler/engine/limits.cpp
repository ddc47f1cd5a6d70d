#include "scaler/engine/limits.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace scaler::engine {
namespace {

using History = std::vector<TimedReplicas>;

void ForgetUntil(History& history, Time time) {
  const auto kept = std::find_if(history.begin(), history.end(),
                                 [&](const auto& entry) { return entry.at >= time; });
  history.erase(history.begin(), kept);
}

int Sum(const History& history, Time now, Duration period) {
  return std::accumulate(history.begin(), history.end(), 0, [&](int sum, const auto& entry) {
    return entry.at > now - period ? sum + entry.replicas : sum;
  });
}

Duration LongestPeriod(const ScalingRules& rules) {
  Duration longest{};
  for (const auto& limit : rules.limits) {
    longest = std::max(longest, limit.period);
  }
  return longest;
}

/// As in the HPA, a change takes the place of one that is too old for the limits of its own
/// direction, of the last such in the list, even where the other direction's limits look further
/// back and would still count it.
void Remember(Time now, Duration longest, int replicas, History& changes) {
  const auto old = std::find_if(changes.rbegin(), changes.rend(),
                                [&](const auto& change) { return change.at < now - longest; });
  if (old != changes.rend()) {
    *old = {now, replicas};
  } else {
    changes.push_back({now, replicas});
  }
}

/// Replicas at the beginning of a limit's period.
int PeriodStart(const RateLimit& limit, Time now, int current, const State& state) {
  return current - Sum(state.scaled_up, now, limit.period) +
         Sum(state.scaled_down, now, limit.period);
}

int Saturate(double replicas) {
  return static_cast<int>(std::clamp(replicas, 0.0, 1'000'000'000.0));
}

int UpperLimit(const RateLimit& limit, int start) {
  if (limit.kind == RateLimit::Kind::kPods) {
    return Saturate(static_cast<double>(start) + limit.value);
  }
  return Saturate(std::ceil(start * (1.0 + limit.value / 100.0)));
}

int LowerLimit(const RateLimit& limit, int start) {
  if (limit.kind == RateLimit::Kind::kPods) {
    return Saturate(static_cast<double>(start) - limit.value);
  }
  return Saturate(start * (1.0 - limit.value / 100.0));  // Truncated, as in the HPA.
}

}  // namespace

void RememberRecommendation(const Behavior& behavior, Time now, int wanted, State& state) {
  ForgetUntil(state.highest, now - behavior.scale_down.stabilization_window);
  ForgetUntil(state.lowest, now - behavior.scale_up.stabilization_window);
  // What is older and not larger can never again be the largest of the window.
  while (!state.highest.empty() && state.highest.back().replicas <= wanted) {
    state.highest.pop_back();
  }
  while (!state.lowest.empty() && state.lowest.back().replicas >= wanted) {
    state.lowest.pop_back();
  }
  // What cannot bind later is not kept, so that the state of an idle workload stays as it is and
  // need not be written again.
  if (wanted > 0 && behavior.scale_down.stabilization_window > Duration{}) {
    state.highest.push_back({now, wanted});
  }
  if (behavior.scale_up.stabilization_window > Duration{}) {
    state.lowest.push_back({now, wanted});
  }
}

int Stabilize(const Behavior& behavior, Time now, int current, int wanted, const State& state) {
  const auto first_within = [&](const History& history, Duration window) {
    const auto found = std::find_if(history.begin(), history.end(),
                                    [&](const auto& entry) { return entry.at > now - window; });
    return found == history.end() ? wanted : found->replicas;
  };
  const int up = first_within(state.lowest, behavior.scale_up.stabilization_window);
  const int down = first_within(state.highest, behavior.scale_down.stabilization_window);
  return std::min(std::max(current, up), down);
}

int MostReplicas(const ScalingRules& rules, Time now, int current, const State& state) {
  if (rules.select == SelectPolicy::kDisabled) {
    return current;
  }
  if (rules.limits.empty()) {
    return std::numeric_limits<int>::max();
  }
  const bool strictest = rules.select == SelectPolicy::kMin;
  int most = strictest ? std::numeric_limits<int>::max() : 0;
  for (const auto& limit : rules.limits) {
    const int allowed = UpperLimit(limit, PeriodStart(limit, now, current, state));
    most = strictest ? std::min(most, allowed) : std::max(most, allowed);
  }
  return std::max(most, current);
}

int FewestReplicas(const ScalingRules& rules, Time now, int current, const State& state) {
  if (rules.select == SelectPolicy::kDisabled) {
    return current;
  }
  if (rules.limits.empty()) {
    return 0;
  }
  const bool strictest = rules.select == SelectPolicy::kMin;
  int fewest = strictest ? 0 : std::numeric_limits<int>::max();
  for (const auto& limit : rules.limits) {
    const int allowed = LowerLimit(limit, PeriodStart(limit, now, current, state));
    fewest = strictest ? std::max(fewest, allowed) : std::min(fewest, allowed);
  }
  return std::min(fewest, current);
}

void RememberChange(const Behavior& behavior, Time now, int from, int to, State& state) {
  const auto up = LongestPeriod(behavior.scale_up);
  const auto down = LongestPeriod(behavior.scale_down);
  if (std::max(up, down) == Duration{}) {
    return;  // Without rate limits nobody will ask.
  }
  if (to > from) {
    Remember(now, up, to - from, state.scaled_up);
  }
  if (to < from) {
    Remember(now, down, from - to, state.scaled_down);
  }
}

}  // namespace scaler::engine

#include "scaler/engine/hpa.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "scaler/engine/hpa_calculator.h"

namespace scaler::engine {
namespace {

constexpr Duration kSyncPeriod = std::chrono::seconds(15);
constexpr Duration kDownscaleStabilization = std::chrono::seconds(300);

/// What the HPA goes by besides the observation.
struct View {
  const Policy& policy;
  const Observation& observation;
  HpaSettings settings;
  HpaPods pods;
  int existing;  ///< Replicas among which a total is divided.
};

View MakeView(const Policy& policy, const Observation& observation, bool foreign, int existing) {
  HpaSettings settings;
  settings.tolerance_up = policy.tolerance;
  settings.tolerance_down = policy.tolerance;
  return {.policy = policy,
          .observation = observation,
          .settings = settings,
          .pods = {.pods = observation.pods,
                   .now = observation.now,
                   .foreign = foreign,
                   .stale_after = policy.guards.stale_after},
          .existing = existing};
}

/// One signal's answer with what it was made of, in the policy's units.
struct Asked {
  std::string_view signal;
  double value = 0;
  double target = 0;
  HpaAnswer answer;
};

Asked AskTotal(const View& view, std::string_view signal, const double Demand::*total,
               double per_replica) {
  const auto& demand = view.observation.demand;
  if (!demand || view.observation.now - demand->at > view.policy.guards.stale_after) {
    return {
        signal, 0, per_replica, {{}, 0, demand ? "the last sample is old" : "nobody reports it"}};
  }
  const double value = demand->value.*total;
  return {signal, value, per_replica,
          HpaAverageValue(view.settings, view.existing, HpaMilli(value), HpaMilli(per_replica))};
}

Asked AskUtilization(const View& view, std::string_view signal, HpaResource resource,
                     double target) {
  const int percent = static_cast<int>(std::lround(std::clamp(target * 100, 1.0, 1e6)));
  const auto answer = HpaUtilization(view.settings, view.pods, resource,
                                     view.observation.desired_replicas, percent);
  return {signal, static_cast<double>(answer.usage) / 100, target, answer};
}

Asked AskExternal(const View& view, const ExternalSignal& signal) {
  const auto& values = view.observation.external;
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const auto& value) { return value.name == signal.name; });
  if (found == values.end()) {
    return {signal.name, 0, signal.target, {{}, 0, "its query has no answer"}};
  }
  if (view.observation.now - found->sample.at > view.policy.guards.stale_after) {
    return {signal.name, 0, signal.target, {{}, 0, "the last sample is old"}};
  }
  const double value = found->sample.value;
  if (signal.kind == ExternalSignal::Kind::kPerReplica) {
    return {
        signal.name, value, signal.target,
        HpaAverageValue(view.settings, view.existing, HpaMilli(value), HpaMilli(signal.target))};
  }
  // Whoever observes need not tell of pods one by one.
  const auto ready =
      view.observation.pods.empty() ? view.observation.ready_replicas : HpaReadyPods(view.pods);
  return {signal.name, value, signal.target,
          HpaValue(view.settings, view.observation.desired_replicas, ready, HpaMilli(value),
                   HpaMilli(signal.target))};
}

/// Asks every signal that an HPA could have, and gives `take` each answer.
template <typename Take>
void AskAll(const View& view, Take&& take) {
  const auto& signals = view.policy.signals;
  if (signals.requests && signals.requests->per_replica_per_second) {
    take(AskTotal(view, "requests", &Demand::arrivals_per_second,
                  *signals.requests->per_replica_per_second));
  }
  if (signals.in_flight) {
    take(AskTotal(view, "in_flight", &Demand::in_flight, signals.in_flight->per_replica));
  }
  if (signals.queued) {
    take(AskTotal(view, "queued", &Demand::queued, signals.queued->per_replica));
  }
  if (signals.cpu) {
    take(AskUtilization(view, "cpu", HpaResource::kCpu, signals.cpu->utilization));
  }
  if (signals.memory) {
    take(AskUtilization(view, "memory", HpaResource::kMemory, signals.memory->utilization));
  }
  for (const auto& external : signals.external) {
    take(AskExternal(view, external));
  }
}

bool HasSignals(const Signals& signals) {
  return (signals.requests && signals.requests->per_replica_per_second) || signals.in_flight ||
         signals.queued || signals.cpu || signals.memory || !signals.external.empty();
}

/// What the HPA makes of all metrics: the largest, and one in error lets nothing be taken away.
/// Empty: it leaves everything as it is.
std::optional<int> Largest(const View& view, int current) {
  std::optional<int> largest;
  bool error = false;
  AskAll(view, [&](const Asked& asked) {
    error = error || !asked.answer.replicas;
    largest = std::max(largest, asked.answer.replicas);
  });
  return error && largest.value_or(0) < current ? std::nullopt : largest;
}

/// The largest recommendation of the window, after `wanted` has been remembered. The memory is
/// the same afterwards if `wanted` is nothing and nothing is forgotten.
int Stabilize(Time now, int wanted, std::vector<TimedReplicas>& highest) {
  const auto kept = std::find_if(highest.begin(), highest.end(), [&](const auto& entry) {
    return entry.at >= now - kDownscaleStabilization;
  });
  highest.erase(highest.begin(), kept);
  while (!highest.empty() && highest.back().replicas <= wanted) {
    highest.pop_back();
  }
  const int stable = highest.empty() ? wanted : highest.front().replicas;
  if (wanted > 0) {
    highest.push_back({now, wanted});
  }
  return stable;
}

/// The limits of an HPA without behavior: at most twice as many at once, but four are always
/// allowed.
int Limit(const ReplicaBounds& bounds, int current, int wanted) {
  const double most = std::max(2.0 * current, 4.0);
  if (wanted < bounds.min) {
    return bounds.min;
  }
  return wanted > std::min<double>(most, bounds.max)
             ? static_cast<int>(std::min<double>(most, bounds.max))
             : wanted;
}

/// An HPA has at least one replica.
ReplicaBounds HpaBounds(const ReplicaBounds& bounds) {
  const int min = std::max(bounds.min, 1);
  return {.min = min, .max = std::max(bounds.max, min)};
}

/// Begins with what there is, which is the first thing to be remembered.
HpaMemory Begin(const Observation& observation, const ReplicaBounds& bounds) {
  HpaMemory memory;
  memory.replicas = std::clamp(observation.desired_replicas, bounds.min, bounds.max);
  memory.synced_at = observation.now - kSyncPeriod;
  memory.highest.push_back({observation.now, memory.replicas});
  return memory;
}

/// One look of the HPA. False: it could not see.
bool Sync(const Policy& policy, const Observation& observation, HpaMemory& memory) {
  const auto bounds = HpaBounds(policy.replicas);
  const int current = memory.replicas;
  if (const int within = std::clamp(current, bounds.min, bounds.max); within != current) {
    memory.replicas = within;
    memory.synced_at = observation.now;
    return true;
  }
  const auto wanted = Largest(MakeView(policy, observation, true, current), current);
  if (!wanted) {
    return false;
  }
  const auto remembered = memory.highest.size();
  memory.replicas = Limit(bounds, current, Stabilize(observation.now, *wanted, memory.highest));
  // What changes nothing is not noted either, so that the state of an idle workload stays as it
  // is and need not be written again.
  if (*wanted > 0 || memory.replicas != current || memory.highest.size() != remembered) {
    memory.synced_at = observation.now;
  }
  return true;
}

}  // namespace

void HpaRecommend(const Policy& policy, const Observation& observation, Recommendations& all) {
  const auto& requests = policy.signals.requests;
  if (requests && !requests->per_replica_per_second) {
    all.missing.push_back({"requests",
                           "an HPA learns nothing: the policy has to say what one "
                           "replica carries"});
  }
  const auto view = MakeView(policy, observation, false, observation.desired_replicas);
  AskAll(view, [&](const Asked& asked) {
    std::string signal(asked.signal);
    if (asked.answer.replicas) {
      all.from_signals.push_back(
          {std::move(signal), asked.value, asked.target, *asked.answer.replicas});
    } else {
      all.missing.push_back({std::move(signal), std::string(asked.answer.error)});
    }
  });
}

std::optional<int> HpaWithoutMetrics(const Policy& policy, const Observation& observation) {
  const auto& bounds = policy.replicas;
  const int current = observation.desired_replicas;
  if (current == 0 && bounds.min > 0) {
    return 0;
  }
  if (current > bounds.max) {
    return bounds.max;
  }
  return current > 0 && current < bounds.min ? std::optional(bounds.min) : std::nullopt;
}

std::optional<int> HpaShadow(const Policy& policy, const Observation& observation, State& state) {
  if (!HasSignals(policy.signals)) {
    return std::nullopt;
  }
  if (!state.hpa) {
    state.hpa = Begin(observation, HpaBounds(policy.replicas));
  }
  const bool due = observation.now - state.hpa->synced_at >= kSyncPeriod;
  if (due && !Sync(policy, observation, *state.hpa)) {
    return std::nullopt;
  }
  return state.hpa->replicas;
}

}  // namespace scaler::engine

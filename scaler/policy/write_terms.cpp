#include <fmt/format.h>

#include <utility>

#include "common/text.h"
#include "scaler/policy/profile.h"
#include "scaler/policy/writing.h"

namespace scaler::policy {
namespace {

using common::FormatDuration;
using document::Node;

Node Pair(const char* key, Node value) {
  Node node;
  return node.Set(key, std::move(value));
}

std::string WriteRate(double per_second) {
  for (int digits = 0; digits <= 400; ++digits) {
    auto text = fmt::format("{:.{}f}/s", per_second, digits);
    if (const auto read = common::ParseRate(text); read && *read == per_second) {
      return text;
    }
  }
  return fmt::format("{:.400f}/s", per_second);
}

/// Without those that the profile adds where none asks for a number: they are added again.
engine::Signals WithoutDefault(engine::Signals signals, engine::Algorithm algorithm) {
  const auto profile = algorithm == engine::Algorithm::kHpa ? Profile::kHpa : Profile::kFast;
  engine::Signals silent;
  silent.latency = signals.latency;
  auto usual = silent;
  AddDefaultSignal(profile, usual);
  return signals == usual ? silent : signals;
}

Node WriteSignals(const engine::Signals& signals) {
  Node node;
  if (signals.requests) {
    const auto& rate = signals.requests->per_replica_per_second;
    node.Set("requests", Pair("perReplica", rate ? Node(WriteRate(*rate)) : Node("auto")));
  }
  if (signals.in_flight) {
    node.Set("inFlight", Pair("perReplica", WriteNumber(signals.in_flight->per_replica)));
  }
  if (signals.queued) {
    node.Set("queued", Pair("perReplica", WriteNumber(signals.queued->per_replica)));
  }
  if (signals.latency) {
    Node latency;
    latency.Set("quantile", WriteShare(signals.latency->quantile));
    latency.Set("below", FormatDuration(signals.latency->below));
    node.Set("latency", std::move(latency));
  }
  if (signals.cpu) {
    node.Set("cpu", Pair("utilization", WriteShare(signals.cpu->utilization)));
  }
  if (signals.memory) {
    node.Set("memory", Pair("utilization", WriteShare(signals.memory->utilization)));
  }
  for (const auto& external : signals.external) {
    const bool value = external.kind == engine::ExternalSignal::Kind::kValue;
    auto query = Pair("prometheus", external.query);
    query.Set(value ? "value" : "perReplica", WriteQuantity(external.target));
    node.Set(external.name, std::move(query));
  }
  return node;
}

Node WriteRules(const engine::ScalingRules& rules) {
  using engine::RateLimit;
  using engine::SelectPolicy;
  const auto seconds = [](engine::Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  };
  Node limits = Node::EmptyList();
  for (const auto& limit : rules.limits) {
    Node one;
    one.Set("type", limit.kind == RateLimit::Kind::kPods ? "Pods" : "Percent")
        .Set("value", limit.value)
        .Set("periodSeconds", seconds(limit.period));
    limits.Add(std::move(one));
  }
  Node node;
  return node.Set("stabilizationWindowSeconds", seconds(rules.stabilization_window))
      .Set("selectPolicy", rules.select == SelectPolicy::kMax   ? "Max"
                           : rules.select == SelectPolicy::kMin ? "Min"
                                                                : "Disabled")
      .Set("policies", std::move(limits));
}

/// The profile, and the behavior: all of it, or where it is not the profile's.
void WriteProfile(const engine::Policy& policy, bool whole, Node& spec) {
  const bool hpa = policy.algorithm == engine::Algorithm::kHpa;
  const auto profile = hpa                                   ? Profile::kHpa
                       : policy.behavior == SteadyBehavior() ? Profile::kSteady
                                                             : Profile::kFast;
  spec.Set("profile", hpa ? "hpa" : profile == Profile::kSteady ? "steady" : "fast");
  const auto usual = BehaviorOf(profile);
  Node behavior;
  if (whole || policy.behavior.scale_up != usual.scale_up) {
    behavior.Set("scaleUp", WriteRules(policy.behavior.scale_up));
  }
  if (whole || policy.behavior.scale_down != usual.scale_down) {
    behavior.Set("scaleDown", WriteRules(policy.behavior.scale_down));
  }
  if (!behavior.IsNull()) {
    spec.Set("behavior", std::move(behavior));
  }
}

Node WriteSchedules(const std::vector<BoundsSchedule>& schedules) {
  Node node;
  for (const auto& schedule : schedules) {
    auto one = WriteRecurrence(schedule.when);
    if (schedule.min) {
      one.Set("min", *schedule.min);
    }
    if (schedule.max) {
      one.Set("max", *schedule.max);
    }
    node.Set(schedule.name, std::move(one));
  }
  return node;
}

Node WriteForecast(const engine::Forecast& forecast) {
  if (forecast.mode == engine::Forecast::Mode::kOff) {
    return {"off"};
  }
  if (forecast.seasons.empty()) {
    return {"auto"};
  }
  Node seasons;
  for (const auto season : forecast.seasons) {
    seasons.Add(FormatDuration(season));
  }
  return seasons;
}

Node WriteGuards(const engine::Guards& guards, const std::string& peer_label) {
  using OnMissing = engine::Guards::OnMissing;
  Node node;
  node.Set("crashLoop", guards.hold_in_crash_loop ? "hold" : "ignore")
      .Set("rollout", guards.ignore_unready_rollout ? "ignoreUnready" : "countUnready")
      .Set("staleAfter", FormatDuration(guards.stale_after))
      .Set("onMissing", guards.on_missing == OnMissing::kHold
                            ? Node("hold")
                            : Pair("fallback", guards.fallback_replicas))
      .Set("flapping", guards.damp_flapping ? "damp" : "ignore");
  if (guards.blue_green) {
    auto blue_green = Pair("hold", FormatDuration(guards.blue_green->hold));
    node.Set("blueGreen", blue_green.Set("peerLabel", peer_label));
  }
  return node;
}

Node WriteMemory(const engine::MemoryReaction& memory) {
  using OnOom = engine::MemoryReaction::OnOom;
  Node node;
  node.Set("onOom", memory.on_oom == OnOom::kIgnore      ? "ignore"
                    : memory.on_oom == OnOom::kRecommend ? "recommend"
                                                         : "apply");
  if (memory.max_bytes > 0) {
    node.Set("max", WriteQuantity(memory.max_bytes));
  }
  return node;
}

Node WritePlacement(const engine::Placement& placement) {
  using Spot = engine::Placement::Spot;
  Node node;
  return node
      .Set("spot", placement.spot == Spot::kPrefer  ? "prefer"
                   : placement.spot == Spot::kNever ? "never"
                                                    : "only")
      .Set("minReplicas", placement.min_replicas)
      .Set("minNodes", placement.min_nodes)
      .Set("minZones", placement.min_zones);
}

Node WriteIdle(const engine::Idle& idle) {
  auto node = Pair("after", FormatDuration(idle.after));
  return node.Set("keepWarm", idle.keep_warm ? "auto" : "off");
}

const char* NameOf(engine::Mode mode) {
  return mode == engine::Mode::kActive   ? "active"
         : mode == engine::Mode::kDryRun ? "dryRun"
                                         : "paused";
}

}  // namespace

void WriteTerms(const Terms& terms, const Terms* base_terms, Node& spec) {
  const Terms defaults;
  const auto& usual = base_terms == nullptr ? defaults : *base_terms;
  const auto& policy = terms.policy;
  const auto& base = usual.policy;
  auto bounds = Pair("min", policy.replicas.min);
  spec.Set("replicas", bounds.Set("max", policy.replicas.max));
  // The profile hpa has no objective, and nobody looks at it there.
  if (policy.objective != base.objective && policy.algorithm != engine::Algorithm::kHpa) {
    const auto& hold = policy.objective.hold;
    const auto* unbounded = policy.objective.learn_hold ? "learned" : "auto";
    auto objective = Pair("overload", WriteShare(policy.objective.overload));
    spec.Set("objective", objective.Set("hold", hold ? FormatDuration(*hold) : unbounded));
  }
  if (auto signals = WriteSignals(WithoutDefault(policy.signals, policy.algorithm));
      !signals.IsNull()) {
    spec.Set("signals", std::move(signals));
  }
  if (policy.formula != base.formula) {
    spec.Set("formula", policy.formula);
  }
  if (policy.idle) {
    spec.Set("idle", WriteIdle(*policy.idle));
  }
  if (!terms.schedules.empty()) {
    spec.Set("schedules", WriteSchedules(terms.schedules));
  }
  if (policy.forecast != base.forecast) {
    spec.Set("forecast", WriteForecast(policy.forecast));
  }
  WriteProfile(policy, base_terms != nullptr, spec);
  if (policy.tolerance != base.tolerance) {
    spec.Set("tolerance", WriteShare(policy.tolerance));
  }
  // What is on by default depends on the profile, so there it is always said.
  if (policy.guards != base.guards || terms.peer_label != usual.peer_label ||
      policy.algorithm == engine::Algorithm::kHpa) {
    spec.Set("guards", WriteGuards(policy.guards, terms.peer_label));
  }
  if (policy.memory != base.memory) {
    spec.Set("memory", WriteMemory(policy.memory));
  }
  if (policy.placement != base.placement) {
    spec.Set("placement", WritePlacement(policy.placement));
  }
  if (policy.mode != base.mode) {
    spec.Set("mode", NameOf(policy.mode));
  }
}

}  // namespace scaler::policy

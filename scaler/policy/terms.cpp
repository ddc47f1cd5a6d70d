#include "scaler/policy/terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "scaler/policy/check_terms.h"
#include "scaler/policy/reading.h"

namespace scaler::policy {
namespace {

using common::yaml::Map;
using common::yaml::Node;
using common::yaml::Value;
using Spot = engine::Placement::Spot;
using OnOom = engine::MemoryReaction::OnOom;
using namespace std::chrono_literals;

constexpr double kWidestTolerance = 0.9;
constexpr double kMostOverload = 0.5;
constexpr auto kLongestHold = 24h;
constexpr std::size_t kMostSeasons = 8;
constexpr auto kLongestSeason = 366 * 24h;
constexpr int kMostNodes = 1000;
constexpr int kMostZones = 16;

void ReadReplicas(const Value& value, bool required, Given& given,
                  engine::ReplicaBounds& replicas) {
  auto map = value.AsMap();
  if (!map) {
    given.sound = given.sound && !value && !required;
    return;
  }
  given.min = map->Optional("min");
  given.max = required ? map->Required("max") : map->Optional("max");
  map->Finish();
  const auto min = given.min->Int(0, kMostReplicas);
  const auto max = given.max->Int(1, kMostReplicas);
  given.sound = given.sound && (min || !*given.min) && (max || (!required && !*given.max));
  replicas.min = min.value_or(replicas.min);
  replicas.max = max.value_or(replicas.max);
}

void ReadObjective(const Value& value, engine::Objective& objective) {
  if (auto map = value.AsMap()) {
    objective.overload =
        ReadShare(map->Optional("overload"), kMostOverload).value_or(objective.overload);
    const auto hold = map->Optional("hold");
    if (hold.ScalarText() == "learned" || hold.ScalarText() == "auto") {
      objective.hold.reset();
      objective.learn_hold = hold.ScalarText() == "learned";
    } else if (const auto duration = hold.Duration(0s, kLongestHold)) {
      objective.hold = *duration;
    }
    map->Finish();
  }
}

void ReadFormula(const Value& value, std::string& formula) {
  if (const auto text = ReadString(value)) {
    formula = *text;
  }
}

void ReadIdle(const Value& value, Given& given, std::optional<engine::Idle>& idle) {
  auto map = value.AsMap();
  if (!map) {
    given.sound = given.sound && !value;
    return;
  }
  const auto after = map->Required("after").Duration(1s);
  const auto keep_warm = ReadAutoOrOff(map->Optional("keepWarm"));
  map->Finish();
  given.sound = given.sound && after.has_value();
  if (after) {
    idle = engine::Idle{.after = *after, .keep_warm = keep_warm.value_or(false)};
  }
}

void ReadForecast(const Value& value, engine::Forecast& forecast) {
  using Mode = engine::Forecast::Mode;
  if (!value) {
    return;
  }
  if (value.Kind() != Node::Kind::kList) {
    if (const auto on = ReadAutoOrOff(value)) {
      forecast = {.mode = *on ? Mode::kAuto : Mode::kOff, .seasons = {}};
    }
    return;
  }
  const auto items = value.List();
  if (items.empty() || items.size() > kMostSeasons) {
    value.Problem(fmt::format("expected 1 to {} seasons, like [24h, 168h]", kMostSeasons));
    return;
  }
  forecast = {.mode = Mode::kAuto, .seasons = {}};
  for (const auto& item : items) {
    if (const auto season = item.Duration(1min, kLongestSeason)) {
      forecast.seasons.push_back(*season);
    }
  }
}

void ReadTolerance(const Value& value, double& tolerance) {
  const auto share = value.Percent();
  if (share && *share > kWidestTolerance) {
    value.Problem(fmt::format("the largest value is 90%, found {:g}%", *share * 100));
    return;
  }
  tolerance = share.value_or(tolerance);
}

void ReadMemory(const Value& value, engine::MemoryReaction& memory) {
  if (auto map = value.AsMap()) {
    memory.on_oom = map->Optional("onOom")
                        .Enum<OnOom>({{"ignore", OnOom::kIgnore},
                                      {"recommend", OnOom::kRecommend},
                                      {"apply", OnOom::kApply}})
                        .value_or(memory.on_oom);
    memory.max_bytes = ReadAmount(map->Optional("max")).value_or(memory.max_bytes);
    map->Finish();
  }
}

void ReadPlacement(const Value& value, Given& given, engine::Placement& placement) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  placement.spot =
      map->Optional("spot")
          .Enum<Spot>({{"prefer", Spot::kPrefer}, {"never", Spot::kNever}, {"only", Spot::kOnly}})
          .value_or(placement.spot);
  given.min_replicas = map->Optional("minReplicas");
  given.min_nodes = map->Optional("minNodes");
  given.min_zones = map->Optional("minZones");
  placement.min_replicas =
      given.min_replicas->Int(1, kMostReplicas).value_or(placement.min_replicas);
  placement.min_nodes = given.min_nodes->Int(1, kMostNodes).value_or(placement.min_nodes);
  placement.min_zones = given.min_zones->Int(1, kMostZones).value_or(placement.min_zones);
  map->Finish();
}

Profile ReadProfile(const Value& value, Profile inherited) {
  return value
      .Enum<Profile>(
          {{"fast", Profile::kFast}, {"steady", Profile::kSteady}, {"hpa", Profile::kHpa}})
      .value_or(inherited);
}

engine::Mode ReadMode(const Value& value, engine::Mode inherited) {
  using engine::Mode;
  return value
      .Enum<Mode>({{"active", Mode::kActive}, {"dryRun", Mode::kDryRun}, {"paused", Mode::kPaused}})
      .value_or(inherited);
}

Given ReadTerms(Map& map, bool is_spec, Draft& draft) {
  auto& policy = draft.terms.policy;
  Given given;
  given.replicas = is_spec ? map.Required("replicas") : map.Optional("replicas");
  given.objective = map.Optional("objective");
  given.signals = map.Optional("signals");
  given.formula = map.Optional("formula");
  given.idle = map.Optional("idle");
  given.schedules = map.Optional("schedules");
  given.guards = map.Optional("guards");
  given.profile = map.Optional("profile");
  ReadReplicas(*given.replicas, is_spec, given, policy.replicas);
  ReadObjective(*given.objective, policy.objective);
  ReadSignals(*given.signals, policy.signals);
  ReadFormula(*given.formula, policy.formula);
  ReadIdle(*given.idle, given, policy.idle);
  ReadSchedules(*given.schedules, draft.terms.schedules);
  ReadForecast(map.Optional("forecast"), policy.forecast);
  draft.profile = ReadProfile(*given.profile, draft.profile);
  ReadBehavior(map.Optional("behavior"), draft.behavior);
  ReadTolerance(map.Optional("tolerance"), policy.tolerance);
  ReadGuards(*given.guards, draft.terms, draft.guards);
  ReadMemory(map.Optional("memory"), policy.memory);
  ReadPlacement(map.Optional("placement"), given, policy.placement);
  policy.mode = ReadMode(map.Optional("mode"), policy.mode);
  return given;
}

}  // namespace

Draft ReadSpecTerms(Map& map) {
  Draft draft;
  const auto given = ReadTerms(map, true, draft);
  draft.sound = given.sound && CheckTerms(given, draft);
  return draft;
}

Draft ReadOverrideTerms(Map& map, const Draft& base) {
  Draft draft = base;
  const auto given = ReadTerms(map, false, draft);
  if (!*given.idle && !MayBeZero(draft.terms)) {
    draft.terms.policy.idle.reset();
  }
  if (base.sound && given.sound) {
    (void)CheckTerms(given, draft);
  }
  return draft;
}

Terms Complete(const Draft& draft) {
  Terms terms = draft.terms;
  terms.policy.algorithm = AlgorithmOf(draft.profile);
  terms.policy.behavior = Apply(draft.behavior, BehaviorOf(draft.profile));
  Apply(draft.guards, draft.profile, terms.policy.guards);
  AddDefaultSignal(draft.profile, terms.policy.signals);
  return terms;
}

}  // namespace scaler::policy

#include "scaler/policy/terms.h"

#include <fmt/format.h>

#include <optional>

namespace scaler::policy {
namespace {

using common::yaml::Map;
using common::yaml::Value;
using engine::Mode;
using namespace std::chrono_literals;

/// Beyond it a number is more likely a slip than a wish.
constexpr double kMostRequestsPerSecond = 1e6;

/// As with the HPA, a replica may use more than it requests.
constexpr double kHighestUtilization = 10;

void ReadRequests(const Value& value, std::optional<engine::RequestsSignal>& requests) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  const auto given = map->Required("perReplica");
  const auto rate = given.Rate();
  map->Finish();
  if (rate && (*rate <= 0 || *rate > kMostRequestsPerSecond)) {
    given.Problem("must be more than 0/s and at most 1000000/s");
    return;
  }
  if (rate) {
    requests = engine::RequestsSignal{*rate};
  }
}

void ReadCpu(const Value& value, std::optional<engine::UtilizationSignal>& cpu) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  const auto given = map->Required("utilization");
  const auto share = given.Percent();
  map->Finish();
  if (share && (*share <= 0 || *share > kHighestUtilization)) {
    given.Problem("must be more than 0% and at most 1000%");
    return;
  }
  if (share) {
    cpu = engine::UtilizationSignal{*share};
  }
}

void ReadSignals(const Value& value, engine::Policy& terms) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  const auto requests = map->Optional("requests");
  const auto cpu = map->Optional("cpu");
  ReadRequests(requests, terms.signals.requests);
  ReadCpu(cpu, terms.signals.cpu);
  map->Finish();
  if (!requests && !cpu) {
    value.Problem("expected at least one signal: requests or cpu");
  }
}

/// The values that checks against other values point to; absent where they were not given.
struct Given {
  Value replicas;
  std::optional<Value> min;
  std::optional<Value> max;
  Value idle;
  bool valid = true;  ///< Of replicas and idle: nothing more is to be said about them.
};

void ReadReplicas(Given& given, bool required, engine::ReplicaBounds& replicas) {
  auto map = given.replicas.AsMap();
  if (!map) {
    given.valid = !given.replicas && !required;
    return;
  }
  given.min = map->Optional("min");
  given.max = required ? map->Required("max") : map->Optional("max");
  map->Finish();
  const auto min = given.min->Int(0, kMostReplicas);
  const auto max = given.max->Int(1, kMostReplicas);
  given.valid = (min || !*given.min) && (max || (!required && !*given.max));
  replicas.min = min.value_or(replicas.min);
  replicas.max = max.value_or(replicas.max);
}

void ReadIdle(Given& given, std::optional<engine::Idle>& idle) {
  auto map = given.idle.AsMap();
  if (!map) {
    given.valid = given.valid && !given.idle;
    return;
  }
  const auto after = map->Required("after").Duration(1s);
  map->Finish();
  given.valid = given.valid && after.has_value();
  if (after) {
    idle = engine::Idle{*after};
  }
}

/// What a person has to look at for the number of the least replicas.
const Value& WhereMin(const Given& given) {
  return given.min && *given.min ? *given.min : given.replicas;
}

bool CheckReplicas(const Given& given, const engine::Policy& terms) {
  const auto& replicas = terms.replicas;
  if (replicas.min <= replicas.max) {
    return true;
  }
  if (given.min && *given.min) {
    given.min->Problem(
        fmt::format("must be at most max ({}), found {}", replicas.max, replicas.min));
  } else {
    given.max->Problem(
        fmt::format("must be at least min ({}), found {}", replicas.min, replicas.max));
  }
  return false;
}

bool CheckIdle(const Given& given, const engine::Policy& terms) {
  if (given.idle && terms.replicas.min > 0) {
    given.idle.Problem(fmt::format("needs replicas.min: 0, which is {} here", terms.replicas.min));
    return false;
  }
  if (!terms.idle && terms.replicas.min == 0) {
    WhereMin(given).Problem(
        "0 replicas need idle: {after: 10m}, which says when there is nothing to do");
    return false;
  }
  return true;
}

/// What both a spec and an override may say, but for the checks.
Given ReadTerms(Map& map, bool is_spec, engine::Policy& terms) {
  ReadSignals(is_spec ? map.Required("signals") : map.Optional("signals"), terms);
  Given given{.replicas = is_spec ? map.Required("replicas") : map.Optional("replicas"),
              .min = {},
              .max = {},
              .idle = map.Optional("idle")};
  ReadReplicas(given, is_spec, terms.replicas);
  ReadIdle(given, terms.idle);
  ReadBehavior(map.Optional("behavior"), terms.behavior);
  terms.mode =
      map.Optional("mode")
          .Enum<Mode>(
              {{"active", Mode::kActive}, {"dryRun", Mode::kDryRun}, {"paused", Mode::kPaused}})
          .value_or(terms.mode);
  return given;
}

}  // namespace

bool ReadSpecTerms(Map& map, engine::Policy& terms) {
  const auto given = ReadTerms(map, true, terms);
  return given.valid && CheckReplicas(given, terms) && CheckIdle(given, terms);
}

void ReadOverrideTerms(Map& map, bool base_is_sound, engine::Policy& terms) {
  const auto given = ReadTerms(map, false, terms);
  if (!given.idle && terms.replicas.min > 0) {
    terms.idle.reset();
  }
  if (base_is_sound && given.valid && CheckReplicas(given, terms)) {
    (void)CheckIdle(given, terms);
  }
}

}  // namespace scaler::policy

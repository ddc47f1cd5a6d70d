#include "scaler/policy/check_terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "scaler/engine/need.h"

namespace scaler::policy {
namespace {

using common::yaml::Value;
using engine::Guards;

/// From where the problem is on.
constexpr std::size_t kShownOfFormula = 24;

bool IsGiven(const std::optional<Value>& value) { return value && value->Present(); }

/// The first of the places that is given; the last where none is.
const Value& FirstGiven(std::initializer_list<const std::optional<Value>*> places) {
  const auto found =
      std::find_if(places.begin(), places.end(), [](const auto* place) { return IsGiven(*place); });
  return found == places.end() ? **(*(places.end() - 1)) : **(*found);
}

bool CheckReplicas(const Given& given, const engine::ReplicaBounds& replicas) {
  if (replicas.min <= replicas.max) {
    return true;
  }
  if (IsGiven(given.min)) {
    given.min->Problem(
        fmt::format("must be at most max ({}), found {}", replicas.max, replicas.min));
  } else {
    given.max->Problem(
        fmt::format("must be at least min ({}), found {}", replicas.min, replicas.max));
  }
  return false;
}

bool CheckIdle(const Given& given, const Terms& terms) {
  const auto& policy = terms.policy;
  if (IsGiven(given.idle) && !MayBeZero(terms)) {
    given.idle->Problem(
        fmt::format("needs replicas.min: 0, which is {} here", policy.replicas.min));
    return false;
  }
  if (!policy.idle && policy.replicas.min == 0) {
    FirstGiven({&given.min, &given.replicas})
        .Problem("0 replicas need idle: {after: 10m}, which says when there is nothing to do");
    return false;
  }
  return true;
}

/// Numbers that no bounds allow would never come about.
void CheckPlacement(const Given& given, const engine::Policy& policy) {
  const int most = policy.replicas.max;
  const auto& placement = policy.placement;
  const std::array<std::pair<int, const std::optional<Value>*>, 3> wanted = {
      {{placement.min_replicas, &given.min_replicas},
       {placement.min_nodes, &given.min_nodes},
       {placement.min_zones, &given.min_zones}}};
  for (const auto& [number, place] : wanted) {
    if (number > most) {
      FirstGiven({place, &given.max, &given.replicas})
          .Problem(IsGiven(*place)
                       ? fmt::format("must be at most replicas.max ({}), found {}", most, number)
                       : fmt::format("is {}, but placement wants {}", most, number));
    }
  }
}

void CheckFallback(const Given& given, const engine::Policy& policy) {
  const auto& guards = policy.guards;
  if (guards.on_missing == Guards::OnMissing::kFallback &&
      guards.fallback_replicas > policy.replicas.max) {
    FirstGiven({&given.guards, &given.max, &given.replicas})
        .Problem(fmt::format("onMissing.fallback ({}) must be at most replicas.max ({})",
                             guards.fallback_replicas, policy.replicas.max));
  }
}

void CheckSchedules(const Given& given, const Terms& terms) {
  const auto& replicas = terms.policy.replicas;
  for (const auto& schedule : terms.schedules) {
    const int min = schedule.min.value_or(replicas.min);
    const int max = schedule.max.value_or(replicas.max);
    if (min > max && !(schedule.min && schedule.max)) {
      FirstGiven({&given.schedules, &given.min, &given.max, &given.replicas})
          .Problem(fmt::format("{} has min {} and max {} then; give it {} too", schedule.name, min,
                               max, schedule.min ? "max" : "min"));
    }
    if (min == 0 && !terms.policy.idle) {
      FirstGiven({&given.schedules, &given.idle, &given.min, &given.replicas})
          .Problem(fmt::format("{}: 0 replicas need idle: {{after: 10m}}", schedule.name));
    }
  }
}

/// What Kubernetes' algorithm has no place for must not seem to be in force.
void CheckHpa(const Given& given, const Draft& draft) {
  if (draft.profile != Profile::kHpa) {
    return;
  }
  if (IsGiven(given.objective)) {
    given.objective->Problem("the profile hpa has no objective; it aims at the signals' targets");
  }
  const auto& requests = draft.terms.policy.signals.requests;
  if (requests && !requests->per_replica_per_second) {
    FirstGiven({&given.signals, &given.profile, &given.replicas})
        .Problem("the profile hpa does not learn; give requests a rate like 20/s");
  }
}

/// Where the signals are wrong themselves, what is wrong with a name is said already.
void CheckFormula(const Given& given, const Draft& draft) {
  const auto& policy = draft.terms.policy;
  if (policy.formula.empty()) {
    return;
  }
  const auto& place = FirstGiven({&given.formula, &given.signals, &given.profile, &given.replicas});
  if (draft.profile == Profile::kHpa) {
    place.Problem("the profile hpa has no formula; it takes the largest need");
    return;
  }
  const auto result = engine::CheckFormula(policy.formula, policy.signals);
  if (!result.problem.empty()) {
    place.Problem(fmt::format("{}at \"{}\": {}", IsGiven(given.formula) ? "" : "formula, ",
                              policy.formula.substr(result.at, kShownOfFormula), result.problem));
  }
}

}  // namespace

bool MayBeZero(const Terms& terms) {
  return terms.policy.replicas.min == 0 ||
         std::any_of(terms.schedules.begin(), terms.schedules.end(),
                     [](const BoundsSchedule& schedule) { return schedule.min == 0; });
}

bool CheckTerms(const Given& given, const Draft& draft) {
  CheckHpa(given, draft);
  CheckFormula(given, draft);
  const auto& policy = draft.terms.policy;
  if (!given.sound || !CheckReplicas(given, policy.replicas)) {
    return false;
  }
  CheckPlacement(given, policy);
  CheckFallback(given, policy);
  CheckSchedules(given, draft.terms);
  return CheckIdle(given, draft.terms);
}

}  // namespace scaler::policy

#include <optional>
#include <utility>
#include <vector>

#include "scaler/policy/reading.h"
#include "scaler/policy/terms.h"

namespace scaler::policy {
namespace {

using common::yaml::Value;
using engine::RateLimit;
using engine::SelectPolicy;
using std::chrono::seconds;

/// HPA v2's bounds.
constexpr int kLongestWindowSeconds = 3600;
constexpr int kLongestPeriodSeconds = 1800;

/// HPA v2 has no bound; more than some would only be a way to write "no limit".
constexpr std::size_t kMostRateLimits = 16;

std::optional<RateLimit> ReadRateLimit(const Value& value) {
  auto map = value.AsMap();
  if (!map) {
    return std::nullopt;
  }
  const auto kind = map->Required("type").Enum<RateLimit::Kind>(
      {{"Pods", RateLimit::Kind::kPods}, {"Percent", RateLimit::Kind::kPercent}});
  const auto amount = map->Required("value").Int(1, kMostReplicas);
  const auto period = map->Required("periodSeconds").Int(1, kLongestPeriodSeconds);
  map->Finish();
  if (!kind || !amount || !period) {
    return std::nullopt;
  }
  return RateLimit{.kind = *kind, .value = *amount, .period = seconds(*period)};
}

void ReadRateLimits(const Value& value, std::optional<std::vector<RateLimit>>& limits) {
  if (!value) {
    return;
  }
  limits.emplace();
  const auto items = value.List();
  if (items.size() > kMostRateLimits) {
    value.Problem("has more than 16 policies");
    return;
  }
  for (const auto& item : items) {
    if (const auto limit = ReadRateLimit(item)) {
      limits->push_back(*limit);
    }
  }
}

void ReadRules(const Value& value, RulesPatch& rules) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  if (const auto window =
          map->Optional("stabilizationWindowSeconds").Int(0, kLongestWindowSeconds)) {
    rules.window = seconds(*window);
  }
  if (const auto select = map->Optional("selectPolicy")
                              .Enum<SelectPolicy>({{"Max", SelectPolicy::kMax},
                                                   {"Min", SelectPolicy::kMin},
                                                   {"Disabled", SelectPolicy::kDisabled}})) {
    rules.select = select;
  }
  ReadRateLimits(map->Optional("policies"), rules.limits);
  map->Finish();
}

engine::ScalingRules Apply(const RulesPatch& patch, engine::ScalingRules rules) {
  rules.stabilization_window = patch.window.value_or(rules.stabilization_window);
  rules.select = patch.select.value_or(rules.select);
  rules.limits = patch.limits.value_or(std::move(rules.limits));
  return rules;
}

}  // namespace

void ReadBehavior(const Value& value, BehaviorPatch& patch) {
  if (auto map = value.AsMap()) {
    ReadRules(map->Optional("scaleUp"), patch.scale_up);
    ReadRules(map->Optional("scaleDown"), patch.scale_down);
    map->Finish();
  }
}

engine::Behavior Apply(const BehaviorPatch& patch, engine::Behavior behavior) {
  return {.scale_up = Apply(patch.scale_up, std::move(behavior.scale_up)),
          .scale_down = Apply(patch.scale_down, std::move(behavior.scale_down))};
}

}  // namespace scaler::policy

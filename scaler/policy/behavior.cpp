#include <optional>
#include <utility>
#include <vector>

#include "scaler/policy/terms.h"

namespace scaler::policy {
namespace {

using common::yaml::Map;
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

void ReadRateLimits(const Value& value, std::vector<RateLimit>& limits) {
  if (!value) {
    return;
  }
  limits.clear();
  const auto items = value.List();
  if (items.size() > kMostRateLimits) {
    value.Problem("has more than 16 policies");
    return;
  }
  for (const auto& item : items) {
    if (const auto limit = ReadRateLimit(item)) {
      limits.push_back(*limit);
    }
  }
}

void ReadRules(const Value& value, engine::ScalingRules& rules) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  if (const auto window =
          map->Optional("stabilizationWindowSeconds").Int(0, kLongestWindowSeconds)) {
    rules.stabilization_window = seconds(*window);
  }
  rules.select = map->Optional("selectPolicy")
                     .Enum<SelectPolicy>({{"Max", SelectPolicy::kMax},
                                          {"Min", SelectPolicy::kMin},
                                          {"Disabled", SelectPolicy::kDisabled}})
                     .value_or(rules.select);
  ReadRateLimits(map->Optional("policies"), rules.limits);
  map->Finish();
}

}  // namespace

void ReadBehavior(const Value& value, engine::Behavior& behavior) {
  if (auto map = value.AsMap()) {
    ReadRules(map->Optional("scaleUp"), behavior.scale_up);
    ReadRules(map->Optional("scaleDown"), behavior.scale_down);
    map->Finish();
  }
}

}  // namespace scaler::policy

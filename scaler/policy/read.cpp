#include "scaler/policy/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/yaml/parse.h"
#include "scaler/policy/profile.h"
#include "scaler/policy/terms.h"

namespace scaler::policy {
namespace {

using common::yaml::Map;
using common::yaml::Problems;
using common::yaml::Value;
using namespace std::chrono_literals;

constexpr double kWidestTolerance = 0.9;
constexpr std::size_t kMostOverrides = 100;

/// What Kubernetes takes for a name, so that a file can become an object one day.
bool IsDnsName(std::string_view name, bool dots, std::size_t longest) {
  const auto edge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= longest && edge(name.front()) && edge(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return edge(c) || c == '-' || (dots && c == '.'); });
}

std::string ReadName(const Value& value) {
  auto name = value.String();
  if (name && !IsDnsName(*name, true, 253)) {
    value.Problem("expected lower-case letters, digits, '-' and '.', at most 253");
    return {};
  }
  return name.value_or("");
}

std::string ReadNamespace(const Value& value) {
  auto name = value.String();
  if (name && !IsDnsName(*name, false, 63)) {
    value.Problem("expected lower-case letters, digits and '-', at most 63");
    return {};
  }
  return name.value_or("local");
}

void ReadMetadata(const Value& value, ScalingPolicy& policy) {
  if (auto map = value.AsMap()) {
    policy.name = ReadName(map->Required("name"));
    policy.name_space = ReadNamespace(map->Optional("namespace"));
    map->Finish();
  }
}

Selector ReadSelector(const Value& value) {
  Selector selector;
  if (auto map = value.AsMap()) {
    const auto labels = map->Required("matchLabels");
    selector.match_labels = labels.StringMap();
    map->Finish();
    // Kubernetes takes an empty selector for "everything", which is too much for a slip.
    if (labels && labels.Entries().empty()) {
      labels.Problem("expected at least one label");
    }
  }
  return selector;
}

void ReadTarget(const Value& value, Target& target) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  target.kind = map->Optional("kind")
                    .Enum<std::string>({{"Deployment", "Deployment"}, {"Process", "Process"}})
                    .value_or("");
  const auto name = map->Optional("name");
  const auto selector = map->Optional("selector");
  map->Finish();
  if (name && selector) {
    selector.Problem("name and selector exclude each other; keep one of them");
  } else if (name) {
    target.name = ReadName(name);
  } else if (selector) {
    target.selector = ReadSelector(selector);
  } else {
    value.Problem("expected a name, or a selector for many workloads");
  }
}

void ReadTenant(const Value& value, std::string& label) {
  if (auto map = value.AsMap()) {
    label = map->Required("fromLabel").String().value_or("");
    map->Finish();
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

void ReadGuards(const Value& value, engine::Guards& guards) {
  if (auto map = value.AsMap()) {
    guards.stale_after = map->Optional("staleAfter").Duration(1s, 1h).value_or(guards.stale_after);
    map->Finish();
  }
}

engine::Behavior ReadProfile(const Value& value) {
  enum class Profile { kFast, kSteady };
  const auto profile =
      value.Enum<Profile>({{"fast", Profile::kFast}, {"steady", Profile::kSteady}});
  return profile == Profile::kSteady ? SteadyBehavior() : FastBehavior();
}

Override ReadOverride(const std::string& name, const Value& value, const engine::Policy& base,
                      bool base_is_sound) {
  Override made{.name = name, .selector = {}, .terms = base, .at = value.At()};
  if (auto map = value.AsMap()) {
    made.selector = ReadSelector(map->Required("selector"));
    ReadOverrideTerms(*map, base_is_sound, made.terms);
    map->Finish();
  }
  return made;
}

void ReadOverrides(const Value& value, bool base_is_sound, ScalingPolicy& policy) {
  const auto entries = value.Entries();
  if (entries.size() > kMostOverrides) {
    value.Problem("has more than 100 overrides");
    return;
  }
  for (const auto& [name, override_value] : entries) {
    policy.overrides.push_back(ReadOverride(name, override_value, policy.terms, base_is_sound));
  }
  // By name and not as they were written: a map has no order once it went through Kubernetes.
  std::sort(policy.overrides.begin(), policy.overrides.end(),
            [](const Override& left, const Override& right) { return left.name < right.name; });
}

void ReadSpec(const Value& value, ScalingPolicy& policy) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  auto& terms = policy.terms;
  terms.name = FullName(policy);
  ReadTarget(map->Required("target"), policy.target);
  ReadTenant(map->Optional("tenant"), policy.tenant_label);
  terms.behavior = ReadProfile(map->Optional("profile"));
  ReadTolerance(map->Optional("tolerance"), terms.tolerance);
  ReadGuards(map->Optional("guards"), terms.guards);
  const bool sound = ReadSpecTerms(*map, terms);
  ReadOverrides(map->Optional("overrides"), sound, policy);
  map->Finish();
}

std::optional<ScalingPolicy> ReadPolicy(const Value& document, const std::string& file) {
  auto map = document.AsMap();
  if (!map) {
    return std::nullopt;
  }
  // Read on where the head is wrong: a person wants to see all that is wrong at once.
  (void)map->Required("apiVersion").Enum<int>({{"trimtab.io/v1alpha1", 1}});
  (void)map->Required("kind").Enum<int>({{"ScalingPolicy", 1}});
  ScalingPolicy policy;
  policy.file = file;
  policy.at = document.At();
  ReadMetadata(map->Required("metadata"), policy);
  ReadSpec(map->Required("spec"), policy);
  map->Finish();
  return policy;
}

void CheckNames(const std::vector<ScalingPolicy>& policies, Problems& problems) {
  std::map<std::string, common::yaml::Position> first;
  for (const auto& policy : policies) {
    const auto [known, is_new] = first.emplace(FullName(policy), policy.at);
    if (!is_new && !policy.name.empty()) {
      problems.Add(policy.at, "metadata.name",
                   fmt::format("{} is given twice, first at {}:{}", known->first,
                               known->second.line, known->second.column));
    }
  }
}

}  // namespace

std::vector<ScalingPolicy> ReadFile(const std::filesystem::path& path, Problems& problems) {
  std::vector<ScalingPolicy> policies;
  for (const auto& document : common::yaml::ParseFile(path, problems)) {
    if (auto policy = ReadPolicy(document, problems.File())) {
      policies.push_back(std::move(*policy));
    }
  }
  CheckNames(policies, problems);
  return policies;
}

std::vector<common::yaml::Problem> ValidateFile(const std::filesystem::path& path) {
  Problems problems(path.string());
  (void)ReadFile(path, problems);
  return problems.Sorted();
}

}  // namespace scaler::policy

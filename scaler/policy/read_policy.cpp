#include <algorithm>
#include <string>
#include <utility>

#include "scaler/policy/read_kinds.h"
#include "scaler/policy/reading.h"
#include "scaler/policy/terms.h"

namespace scaler::policy {
namespace {

using common::yaml::Map;
using common::yaml::Value;

constexpr std::size_t kMostOverrides = 100;

void ReadTarget(const Value& value, Target& target) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  target.kind = map->Optional("kind")
                    .Enum<std::string>({{"Deployment", "Deployment"},
                                        {"StatefulSet", "StatefulSet"},
                                        {"Process", "Process"}})
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
    label = ReadLabelKey(map->Required("fromLabel"));
    map->Finish();
  }
}

Override ReadOverride(const std::string& name, const Value& value, const Draft& base) {
  Override made{.name = name, .selector = {}, .terms = {}, .at = value.At()};
  auto map = value.AsMap();
  if (!map) {
    return made;
  }
  made.selector = ReadSelector(map->Required("selector"));
  made.terms = Complete(ReadOverrideTerms(*map, base));
  map->Finish();
  return made;
}

void ReadOverrides(const Value& value, const Draft& base, ScalingPolicy& policy) {
  if (!value) {
    return;
  }
  for (const auto& [name, override_value] : ReadNamed(value, kMostOverrides)) {
    policy.overrides.push_back(ReadOverride(name, override_value, base));
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
  ReadTarget(map->Required("target"), policy.target);
  ReadTenant(map->Optional("tenant"), policy.tenant_label);
  auto draft = ReadSpecTerms(*map);
  draft.terms.policy.name = FullName(policy);
  policy.terms = Complete(draft);
  ReadOverrides(map->Optional("overrides"), draft, policy);
  map->Finish();
}

}  // namespace

ScalingPolicy ReadPolicy(Map& document, const std::string& name_space) {
  ScalingPolicy policy;
  policy.name_space = name_space;
  ReadMetadata(document.Required("metadata"), policy.name, &policy.name_space);
  ReadSpec(document.Required("spec"), policy);
  return policy;
}

}  // namespace scaler::policy

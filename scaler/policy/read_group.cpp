#include <optional>

#include "scaler/policy/read_kinds.h"
#include "scaler/policy/reading.h"

namespace scaler::policy {
namespace {

using common::yaml::Map;
using common::yaml::Value;

constexpr int kMostReplicasOfGroup = 1'000'000;

void ReadLimits(const Value& value, engine::ScalingGroup& limits) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  const auto replicas = map->Optional("replicas");
  const auto cpu = map->Optional("cpu");
  map->Finish();
  limits.max_replicas = replicas.Int(0, kMostReplicasOfGroup);
  limits.max_cpu_cores = ReadAmount(cpu);
  if (!replicas && !cpu) {
    value.Problem("expected at least one limit: replicas or cpu");
  }
}

void ReadSharing(const Value& value, ScalingGroup& group) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  group.by = map->Optional("by")
                 .Enum<ScalingGroup::By>({{"tenant", ScalingGroup::By::kTenant},
                                          {"workload", ScalingGroup::By::kWorkload}})
                 .value_or(group.by);
  group.priority_label = ReadLabelKey(map->Optional("priorityLabel"));
  map->Finish();
}

}  // namespace

ScalingGroup ReadGroup(Map& document) {
  ScalingGroup group;
  ReadMetadata(document.Required("metadata"), group.name, nullptr);
  group.limits.name = group.name;
  if (auto map = document.Required("spec").AsMap()) {
    group.selector = ReadSelector(map->Required("selector"));
    ReadLimits(map->Required("limits"), group.limits);
    ReadSharing(map->Optional("sharing"), group);
    map->Finish();
  }
  return group;
}

}  // namespace scaler::policy

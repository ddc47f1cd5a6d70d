#include "scaler/policy/importer/pieces.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace scaler::policy::importer {
namespace {

using common::yaml::Value;
using document::Node;

Node ImportRules(const Value& rules, Job& job) {
  Node node;
  if (const auto window = FindInt(rules, "stabilizationWindowSeconds")) {
    node.Set("stabilizationWindowSeconds", *window);
  }
  if (const auto select = FindText(rules, "selectPolicy"); !select.empty()) {
    node.Set("selectPolicy", select);
  }
  if (const auto policies = Find(rules, "policies")) {
    Node limits = Node::EmptyList();
    for (const auto& policy : policies->List()) {
      Node limit;
      limit.Set("type", FindText(policy, "type"))
          .Set("value", FindInt(policy, "value").value_or(0))
          .Set("periodSeconds", FindInt(policy, "periodSeconds").value_or(0));
      limits.Add(std::move(limit));
    }
    node.Set("policies", std::move(limits));
  }
  LeaveOutOthers(rules, {"stabilizationWindowSeconds", "selectPolicy", "policies"}, job);
  return node;
}

}  // namespace

std::optional<Value> Find(const Value& map, std::string_view key) {
  if (map.Kind() != common::yaml::Node::Kind::kMap) {
    return std::nullopt;
  }
  for (auto& [name, value] : map.Entries()) {
    if (name == key && value.Kind() != common::yaml::Node::Kind::kNothing) {
      return value;
    }
  }
  return std::nullopt;
}

std::string FindText(const Value& map, std::string_view key) {
  const auto value = Find(map, key);
  return value ? value->ScalarText() : "";
}

std::optional<int> FindInt(const Value& map, std::string_view key) {
  const auto text = FindText(map, key);
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [next, code] = std::from_chars(text.data(), end, number);
  return code == std::errc{} && next == end ? std::optional(number) : std::nullopt;
}

void LeaveOutOthers(const Value& map, std::initializer_list<std::string_view> known,
                    const Job& job) {
  if (map.Kind() != common::yaml::Node::Kind::kMap) {
    return;
  }
  for (const auto& [key, value] : map.Entries()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      job.LeaveOut(value, "there is nothing like it");
    }
  }
}

Node Head(const Value& object) {
  Node metadata;
  if (const auto given = Find(object, "metadata")) {
    metadata.Set("name", FindText(*given, "name"));
    if (const auto name_space = FindText(*given, "namespace"); !name_space.empty()) {
      metadata.Set("namespace", name_space);
    }
  }
  Node head;
  return head.Set("apiVersion", "trimtab.io/v1alpha1")
      .Set("kind", "ScalingPolicy")
      .Set("metadata", std::move(metadata));
}

bool ImportTarget(const Value& object_spec, Job& job) {
  const auto target = Find(object_spec, "scaleTargetRef");
  if (!target) {
    job.left_out->Add(object_spec.At(), object_spec.Path(), "has no scaleTargetRef");
    return false;
  }
  // KEDA's default.
  auto kind = FindText(*target, "kind");
  kind = kind.empty() ? "Deployment" : kind;
  if (kind != "Deployment" && kind != "StatefulSet") {
    job.left_out->Add(target->At(), target->Path(),
                      fmt::format("a {} cannot be scaled; only Deployment and StatefulSet", kind));
    return false;
  }
  Node node;
  node.Set("kind", kind).Set("name", FindText(*target, "name"));
  job.spec.Set("target", std::move(node));
  if (const auto container = Find(*target, "envSourceContainerName")) {
    job.LeaveOut(*container, "queries take nothing from a container's environment");
  }
  return true;
}

void ImportBehavior(const Value& behavior, Job& job) {
  Node node;
  for (const auto* const direction : {"scaleUp", "scaleDown"}) {
    if (const auto rules = Find(behavior, direction)) {
      if (auto made = ImportRules(*rules, job); !made.IsNull()) {
        node.Set(direction, std::move(made));
      }
    }
  }
  LeaveOutOthers(behavior, {"scaleUp", "scaleDown"}, job);
  if (!node.IsNull()) {
    job.spec.Set("behavior", std::move(node));
  }
}

void ImportUtilization(const std::string& resource, const Value& percent, Job& job) {
  if (resource != "cpu" && resource != "memory") {
    job.LeaveOut(percent, fmt::format("the use of {} is not observed", resource));
    return;
  }
  Node utilization;
  utilization.Set("utilization", percent.ScalarText() + "%");
  job.signals.Set(resource, std::move(utilization));
}

}  // namespace scaler::policy::importer

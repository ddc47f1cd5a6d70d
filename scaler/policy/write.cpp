#include "scaler/policy/write.h"

#include <utility>

#include "common/text.h"
#include "scaler/policy/writing.h"

namespace scaler::policy {
namespace {

using document::Node;

Node WriteTarget(const Target& target) {
  Node node;
  if (!target.kind.empty()) {
    node.Set("kind", target.kind);
  }
  return target.selector ? node.Set("selector", WriteSelector(*target.selector))
                         : node.Set("name", target.name);
}

Node WriteProvider(const std::map<std::string, std::string>& keys) {
  Node provider;
  for (const auto& [path, value] : keys) {
    const auto dot = path.find('.');
    const auto name = path.substr(0, dot);
    if (provider.Find(name) == nullptr) {
      provider.Set(name, Node::EmptyMap());
    }
    provider.Find(name)->Set(path.substr(dot + 1), value);
  }
  return provider;
}

Node WritePools(const std::vector<engine::capacity::Pool>& pools) {
  using engine::capacity::CapacityType;
  Node all;
  for (const auto& pool : pools) {
    Node nodes;
    nodes.Set("min", pool.min_nodes).Set("max", pool.max_nodes);
    Node node;
    node.Set("capacityType", pool.type == CapacityType::kSpot ? "spot" : "on-demand")
        .Set("nodes", std::move(nodes))
        .Set("provider", WriteProvider(pool.provider));
    all.Set(pool.name, std::move(node));
  }
  return all;
}

Node WriteSpare(const CapacityPolicy& policy) {
  using By = engine::capacity::Spare::By;
  const auto& spare = policy.terms.spare;
  Node node = Node::EmptyMap();
  if (spare.survive) {
    Node survive;
    survive.Set("loss", "largestNode").Set("per", spare.survive->per_zone ? "zone" : "cluster");
    node.Set("survive", std::move(survive));
  }
  Node shapes;
  for (const auto& shape : spare.shapes) {
    Node one;
    one.Set("cpu", WriteQuantity(shape.cpu_cores))
        .Set("memory", WriteQuantity(shape.memory_bytes))
        .Set("count", shape.count);
    shapes.Set(shape.name, std::move(one));
  }
  if (!shapes.IsNull()) {
    node.Set("shapes", std::move(shapes));
  }
  Node schedules;
  for (const auto& schedule : policy.schedules) {
    auto one = WriteRecurrence(schedule.when);
    schedules.Set(schedule.name, one.Set("factor", WriteNumber(schedule.factor)));
  }
  if (!schedules.IsNull()) {
    node.Set("schedules", std::move(schedules));
  }
  return node.Set("by", spare.by == By::kPlaceholderPods ? "placeholderPods" : "nodeGroups");
}

Node WriteSpot(const engine::capacity::SpotRules& spot) {
  Node node;
  return node.Set("share", WriteShare(spot.share))
      .Set("minDedicatedNodes", spot.min_dedicated_nodes)
      .Set("fallbackAfter", common::FormatDuration(spot.fallback_after))
      .Set("returnAfter", common::FormatDuration(spot.return_after));
}

}  // namespace

Node Write(const ScalingPolicy& policy) {
  Node spec;
  spec.Set("target", WriteTarget(policy.target));
  if (!policy.tenant_label.empty()) {
    Node tenant;
    spec.Set("tenant", tenant.Set("fromLabel", policy.tenant_label));
  }
  WriteTerms(policy.terms, nullptr, spec);
  Node overrides;
  for (const auto& one : policy.overrides) {
    Node terms;
    terms.Set("selector", WriteSelector(one.selector));
    WriteTerms(one.terms, &policy.terms, terms);
    overrides.Set(one.name, std::move(terms));
  }
  if (!overrides.IsNull()) {
    spec.Set("overrides", std::move(overrides));
  }
  auto node = WriteHead("ScalingPolicy", policy.name, policy.name_space);
  return node.Set("spec", std::move(spec));
}

Node Write(const ScalingGroup& group) {
  Node limits;
  if (group.limits.max_replicas) {
    limits.Set("replicas", *group.limits.max_replicas);
  }
  if (group.limits.max_cpu_cores) {
    limits.Set("cpu", WriteQuantity(*group.limits.max_cpu_cores));
  }
  Node sharing;
  sharing.Set("by", group.by == ScalingGroup::By::kTenant ? "tenant" : "workload");
  if (!group.priority_label.empty()) {
    sharing.Set("priorityLabel", group.priority_label);
  }
  Node spec;
  spec.Set("selector", WriteSelector(group.selector))
      .Set("limits", std::move(limits))
      .Set("sharing", std::move(sharing));
  auto node = WriteHead("ScalingGroup", group.name, {});
  return node.Set("spec", std::move(spec));
}

Node Write(const CapacityPolicy& policy) {
  Node spec;
  spec.Set("pools", WritePools(policy.terms.pools));
  const auto& spare = policy.terms.spare;
  if (spare.survive || !spare.shapes.empty()) {
    spec.Set("spare", WriteSpare(policy));
  }
  if (policy.terms.spot) {
    spec.Set("spot", WriteSpot(*policy.terms.spot));
  }
  Node disruption;
  disruption.Set("nodesAtOnce", policy.terms.disruption.nodes_at_once)
      .Set("nodesPerHour", policy.terms.disruption.nodes_per_hour);
  spec.Set("disruption", std::move(disruption));
  auto node = WriteHead("CapacityPolicy", policy.terms.name, {});
  return node.Set("spec", std::move(spec));
}

}  // namespace scaler::policy

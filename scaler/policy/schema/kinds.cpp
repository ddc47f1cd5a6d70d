#include <utility>

#include "scaler/policy/schema/description.h"

namespace scaler::policy::schema {
namespace {

constexpr int kMostNodes = 10'000;
constexpr double kDay = 24 * 3600;

Rule ExactlyOne(std::vector<std::string> keys, std::string message) {
  return {.kind = Rule::Kind::kExactlyOne,
          .keys = std::move(keys),
          .cel = {},
          .message = std::move(message)};
}

Rule AtLeastOne(std::vector<std::string> keys, std::string message) {
  return {.kind = Rule::Kind::kAtLeastOne,
          .keys = std::move(keys),
          .cel = {},
          .message = std::move(message)};
}

Type Target() {
  return Keys({{"kind", Word({"Deployment", "StatefulSet", "Process"}),
                "What the workloads are; without it, of any kind.", ""},
               {"name", DnsName(), "One workload.", ""},
               {"selector", Selector(), "Many workloads: one policy for thousands.", ""}},
              {ExactlyOne({"name", "selector"}, "expected either a name or a selector")});
}

Type Overrides() {
  auto keys = Terms(false);
  keys.insert(keys.begin(),
              {"selector", Selector(), "For which of the policy's workloads.", "", true});
  return Names(Keys(std::move(keys)), 100);
}

Type PolicySpec() {
  std::vector<Key> keys = {
      {"target", Target(), "Which workloads, within the namespace.", "", true},
      {"tenant", Keys({{"fromLabel", LabelKey(), "The label that names the tenant.", "", true}}),
       "Whose requests count for the workload.", "the tenant is named like the workload"}};
  for (auto& key : Terms(true)) {
    keys.push_back(std::move(key));
  }
  keys.push_back({"overrides", Overrides(),
                  "Other terms for some of the workloads: what is given here takes the place of "
                  "what the policy says, key by key. The first by name that matches applies.",
                  ""});
  return Keys(
      std::move(keys),
      {Cel("has(self.idle) || !has(self.replicas.min) || self.replicas.min > 0",
           "0 replicas need idle: {after: 10m}, which says when there is nothing to do"),
       Cel("!has(self.idle) || (has(self.replicas.min) && self.replicas.min == 0) || "
           "(has(self.schedules) && self.schedules.exists(name, has(self.schedules[name].min) && "
           "self.schedules[name].min == 0))",
           "idle needs replicas.min: 0"),
       Cel("!has(self.objective) || !has(self.profile) || self.profile != 'hpa'",
           "the profile hpa has no objective"),
       Cel("!has(self.formula) || !has(self.profile) || self.profile != 'hpa'",
           "the profile hpa has no formula"),
       Cel("!has(self.placement) || ((!has(self.placement.minReplicas) || "
           "self.placement.minReplicas <= self.replicas.max) && (!has(self.placement.minNodes) || "
           "self.placement.minNodes <= self.replicas.max) && (!has(self.placement.minZones) || "
           "self.placement.minZones <= self.replicas.max))",
           "placement wants more replicas than replicas.max")});
}

Type GroupSpec() {
  return Keys(
      {{"selector", Selector(), "Which workloads, of all namespaces.", "", true},
       {"limits",
        Keys({{"replicas", Integer(0, 1'000'000), "All their replicas together.", ""},
              {"cpu", Quantity(), "All that their replicas request, in cores.", ""}},
             {AtLeastOne({"replicas", "cpu"}, "expected at least one limit")}),
        "What they may have together. Minimums are promises: they are kept even beyond it.", "",
        true},
       {"sharing",
        Keys({{"by", Word({"tenant", "workload"}), "Between whom the cap is shared fairly.",
               "tenant"},
              {"priorityLabel", LabelKey(),
               "The label whose whole number says who is served first, the higher the earlier.",
               "nobody is served first"}}),
        "How the cap is shared when it is reached.", ""}});
}

Type Provider() {
  const auto keys = [](std::vector<std::pair<std::string, bool>> names) {
    std::vector<Key> all;
    for (auto& [name, required] : names) {
      all.push_back({name, Text("", 1024), "As the provider names it.", "", required});
    }
    return Keys(std::move(all));
  };
  return Keys(
      {{"aws", keys({{"autoScalingGroup", true}, {"region", false}}), "An Auto Scaling group.", ""},
       {"gcp", keys({{"project", true}, {"zone", true}, {"instanceGroup", true}}),
        "A managed instance group.", ""},
       {"azure", keys({{"subscription", false}, {"resourceGroup", true}, {"scaleSet", true}}),
        "A virtual machine scale set.", ""},
       {"clusterApi", keys({{"namespace", true}, {"machineDeployment", true}}),
        "A MachineDeployment.", ""},
       {"local", keys({{"group", true}}), "Nodes that are processes of this machine.", ""}},
      {ExactlyOne({"aws", "gcp", "azure", "clusterApi", "local"},
                  "expected one of aws, gcp, azure, clusterApi, local")});
}

Type Pools() {
  Type pools = Names(
      Keys({{"capacityType", Word({"on-demand", "spot"}), "How the nodes are bought.", "on-demand"},
            {"nodes",
             Keys({{"min", Integer(0, kMostNodes), "Never fewer nodes.", "0"},
                   {"max", Integer(0, kMostNodes), "Never more nodes.", "", true}},
                  {Cel("!has(self.min) || self.min <= self.max", "min must be at most max")}),
             "The bounds of the number of nodes.", "", true},
            {"provider", Provider(), "Who makes the nodes, and what it calls them.", "", true}}),
      64);
  pools.fewest_items = 1;
  return pools;
}

Type Spare() {
  auto schedule = RecurrenceKeys();
  Type factor = Positive(100);
  factor.above_least = false;
  schedule.push_back({"factor", factor, "The shapes' counts, so many times.", "", true});
  return Keys(
      {{"survive",
        Keys({{"loss", Word({"largestNode"}), "What is lost.", "", true},
              {"per", Word({"zone", "cluster"}),
               "The largest node of each zone by itself, or the largest of all.", "cluster"}}),
        "What runs must still fit after a loss.", ""},
       {"shapes",
        Names(
            Keys({{"cpu", Quantity(), "Of one pod, in cores.", "", true},
                  {"memory", Quantity(), "Of one pod, in bytes.", "", true},
                  {"count", Integer(1, kMostNodes), "So many of them must still fit.", "", true}}),
            64),
        "Pods that must still fit.", ""},
       {"schedules", Names(Keys(std::move(schedule)), 32), "More spare at certain times.", ""},
       {"by", Word({"placeholderPods", "nodeGroups"}),
        "Pods of low priority that make way, beside any autoscaler of nodes; or by sizing the "
        "pools.",
        "nodeGroups"}},
      {AtLeastOne({"survive", "shapes"}, "expected survive or shapes")});
}

Type CapacitySpec() {
  Type share = Share(100);
  share.above_least = false;
  return Keys(
      {{"pools", Pools(),
        "Nodes of one kind each, that somebody makes on request; none where others make them.", ""},
       {"spare", Spare(), "Spare capacity, as what must still fit.", "none"},
       {"spot",
        Keys({{"share", share, "Of the nodes that may be spot.", "100%"},
              {"minDedicatedNodes", Integer(0, kMostNodes), "Never fewer nodes on demand.", "0"},
              {"fallbackAfter", Duration(1, kDay),
               "Nodes on demand stand in for spot that has not come for so long.", "60s"},
              {"returnAfter", Duration(1, 7 * kDay),
               "A place without spot, or that was lost, is tried again after it: with one node "
               "where its losses weigh more than its price, and with all as far as it lasts.",
               "30m"}}),
        "How spot and on-demand nodes are mixed.", ""},
       {"disruption",
        Keys(
            {{"nodesAtOnce", Integer(1, kMostNodes), "Nodes that are emptied at a time.", "1"},
             {"nodesPerHour", Integer(0, kMostNodes), "Nodes that are emptied in an hour.", "10"}}),
        "How fast nodes may be taken away.", ""}},
      {Cel("has(self.pools) || (has(self.spare) && has(self.spare.by) && "
           "self.spare.by == 'placeholderPods')",
           "expected pools, or spare.by: placeholderPods where somebody else makes the nodes")});
}

}  // namespace

Kind ScalingPolicyKind() {
  return {
      .name = "ScalingPolicy",
      .plural = "scalingpolicies",
      .short_name = "tsp",
      .namespaced = true,
      .doc = "How the replicas of one workload, or of thousands, are scaled.",
      .spec = PolicySpec(),
      .columns = {{"Target", "string", ".status.target"},
                  {"Min", "integer", ".spec.replicas.min"},
                  {"Max", "integer", ".spec.replicas.max"},
                  {"Current", "integer", ".status.current"},
                  {"Desired", "integer", ".status.desired"},
                  {"Mode", "string", ".status.mode"},
                  {"Workloads", "integer", ".status.workloads", true},
                  {"Profile", "string", ".spec.profile", true},
                  {"Limited", "string", ".status.conditions[?(@.type==\"Limited\")].reason", true},
                  {"Last", "date", ".status.lastDecision.time", true},
                  {"Why", "string", ".status.lastDecision.why", true}}};
}

Kind ScalingGroupKind() {
  return {.name = "ScalingGroup",
          .plural = "scalinggroups",
          .short_name = "tsg",
          .namespaced = false,
          .doc = "A cap that many workloads share.",
          .spec = GroupSpec(),
          .columns = {{"Replicas", "integer", ".spec.limits.replicas"},
                      {"CPU", "string", ".spec.limits.cpu"},
                      {"Granted", "integer", ".status.current"},
                      {"Wanted", "integer", ".status.desired"},
                      {"Members", "string", ".status.target", true}}};
}

Kind CapacityPolicyKind() {
  return {.name = "CapacityPolicy",
          .plural = "capacitypolicies",
          .short_name = "tcp",
          .namespaced = false,
          .doc = "Which nodes there are to be, and how much of them stays free.",
          .spec = CapacitySpec(),
          .columns = {{"Spot", "string", ".spec.spot.share"},
                      {"By", "string", ".spec.spare.by"},
                      {"Nodes", "integer", ".status.current"},
                      {"Last", "date", ".status.lastDecision.time", true},
                      {"Why", "string", ".status.lastDecision.why", true}}};
}

}  // namespace scaler::policy::schema

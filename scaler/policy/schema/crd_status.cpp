#include "scaler/policy/schema/crd_status.h"

#include <string>
#include <utility>

namespace scaler::policy::schema {
namespace {

using document::Node;

constexpr std::size_t kLongestWord = 63;
constexpr std::size_t kLongestName = 320;  ///< "namespace/name"
constexpr std::size_t kLongestText = 2048;

Node Text(const char* description, std::size_t longest) {
  Node node;
  return node.Set("type", "string").Set("description", description).Set("maxLength", longest);
}

Node Number(const char* description) {
  Node node;
  return node.Set("type", "integer").Set("format", "int64").Set("description", description);
}

Node Time(const char* description) {
  Node node;
  return node.Set("type", "string").Set("format", "date-time").Set("description", description);
}

Node Object(Node properties, const char* description) {
  Node node;
  return node.Set("type", "object")
      .Set("description", description)
      .Set("properties", std::move(properties));
}

Node Conditions() {
  Node fields;
  fields.Set("type", Text("Ready, Valid, Active, Held or Limited.", kLongestWord))
      .Set("status", Text("True or False.", kLongestWord))
      .Set("reason", Text("One word.", kLongestWord))
      .Set("message", Text("For people.", kLongestText))
      .Set("lastTransitionTime", Time("When its status last changed."))
      .Set("observedGeneration", Number("The generation that it is about."));
  auto condition = Object(std::move(fields), "One thing that holds, or does not.");
  condition.Set("required", Node::Texts({"type", "status"}));
  Node node;
  return node.Set("type", "array")
      .Set("maxItems", 16)
      .Set("items", std::move(condition))
      .Set("x-kubernetes-list-type", "map")
      .Set("x-kubernetes-list-map-keys", Node::Texts({"type"}));
}

Node LastDecision() {
  Node fields;
  fields.Set("time", Time("When it was made."))
      .Set("workload", Text("Namespace and name.", kLongestName))
      .Set("outcome", Text("scaled, dry_run, held or kept.", kLongestWord))
      .Set("from", Number("Replicas before."))
      .Set("to", Number("Replicas after."))
      .Set("why", Text("One sentence.", kLongestText));
  return Object(std::move(fields), "The newest change of a workload's number, or what holds it.");
}

Node Column(const std::string& name, const std::string& type, const std::string& path) {
  Node node;
  return node.Set("name", name).Set("type", type).Set("jsonPath", path);
}

}  // namespace

Node StatusSchema() {
  Node problems;
  problems.Set("type", "array")
      .Set("description", "Why it is refused, by field.")
      .Set("maxItems", 32)
      .Set("items", Text("The field and what is wrong with it.", kLongestText));
  Node properties;
  properties.Set("observedGeneration", Number("The generation that the scaler has read."))
      .Set("target", Text("What it is for, in a word.", kLongestName))
      .Set("mode", Text("active, dryRun, paused or frozen.", kLongestWord))
      .Set("workloads", Number("How many workloads it is for."))
      .Set("current", Number("Replicas (of a CapacityPolicy nodes) that there are."))
      .Set("desired", Number("Replicas that there should be."))
      .Set("conditions", Conditions())
      .Set("lastDecision", LastDecision())
      .Set("problems", std::move(problems));
  return Object(std::move(properties), "What the scaler makes of it.");
}

Node PrinterColumns(const Kind& kind) {
  Node columns;
  const auto add_all = [&](bool wide) {
    for (const auto& column : kind.columns) {
      if (column.wide != wide) {
        continue;
      }
      auto node = Column(column.name, column.type, column.path);
      columns.Add(wide ? node.Set("priority", 1) : node);
    }
  };
  add_all(false);
  columns.Add(Column("Ready", "string", R"(.status.conditions[?(@.type=="Ready")].status)"));
  columns.Add(Column("Reason", "string", R"(.status.conditions[?(@.type=="Ready")].reason)"));
  columns.Add(Column("Age", "date", ".metadata.creationTimestamp"));
  add_all(true);
  return columns;
}

}  // namespace scaler::policy::schema

#include "scaler/policy/schema/rules.h"

#include <cmath>
#include <string>
#include <utility>

namespace scaler::policy::schema {
namespace {

using document::Node;

Node Required(const std::vector<std::string>& keys) {
  Node node;
  return node.Set("required", Node::Texts(keys));
}

Node EachRequired(const std::vector<std::string>& keys) {
  Node all;
  for (const auto& key : keys) {
    all.Add(Required({key}));
  }
  return all;
}

Node Convert(const Rule& rule) {
  Node node;
  if (rule.kind == Rule::Kind::kExactlyOne) {
    return node.Set("oneOf", EachRequired(rule.keys));
  }
  if (rule.kind == Rule::Kind::kAtLeastOne) {
    return node.Set("anyOf", EachRequired(rule.keys));
  }
  Node some;
  some.Set("anyOf", EachRequired(rule.keys));
  Node none;
  none.Set("not", std::move(some));
  if (rule.kind == Rule::Kind::kAtMostOne) {
    return node.Set("oneOf", EachRequired(rule.keys).Add(std::move(none)));
  }
  return node.Set("anyOf", Node::List{Required(rule.keys), std::move(none)});
}

/// A key's doc with its default.
std::string Describe(const Key& key) {
  return key.otherwise.empty() ? key.doc : key.doc + " Default: " + key.otherwise + ".";
}

}  // namespace

Node Number(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15
             ? Node(static_cast<std::int64_t>(value))
             : Node(value);
}

void AddItemBounds(const Type& type, std::string_view of_what, Node& node) {
  if (type.fewest_items > 0) {
    node.Set("min" + std::string(of_what), type.fewest_items);
  }
  if (type.most_items > 0) {
    node.Set("max" + std::string(of_what), type.most_items);
  }
}

Node Object(const Type& type, Node (*convert)(const Type&)) {
  Node properties = Node::EmptyMap();
  Node required;
  for (const auto& key : type.keys) {
    Node value = convert(key.type);
    value.Set("description", Describe(key));
    properties.Set(key.name, std::move(value));
    if (key.required) {
      required.Add(key.name);
    }
  }
  Node node;
  node.Set("type", "object").Set("properties", std::move(properties));
  if (!required.IsNull()) {
    node.Set("required", std::move(required));
  }
  AddItemBounds(type, "Properties", node);
  AddRules(type, node);
  return node;
}

void AddRules(const Type& type, Node& node) {
  Node all;
  for (const auto& rule : type.rules) {
    if (rule.kind != Rule::Kind::kCel) {
      all.Add(Convert(rule));
    }
  }
  if (!all.IsNull()) {
    node.Set("allOf", std::move(all));
  }
}

}  // namespace scaler::policy::schema

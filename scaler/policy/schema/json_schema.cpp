#include <utility>

#include "scaler/policy/schema/generate.h"
#include "scaler/policy/schema/rules.h"
#include "scaler/policy/schema/text_patterns.h"

namespace scaler::policy::schema {
namespace {

using document::Node;

Node Convert(const Type& type);

void AddBounds(const Type& type, Node& node) {
  if (type.least) {
    node.Set(type.above_least ? "exclusiveMinimum" : "minimum", Number(*type.least));
  }
  if (type.most) {
    node.Set("maximum", Number(*type.most));
  }
}

Node ConvertText(const Type& type) {
  Node node;
  node.Set("type", "string");
  if (const auto pattern = PatternOf(type); !pattern.empty()) {
    node.Set("pattern", pattern);
  } else if (type.form == Form::kText) {
    node.Set("minLength", 1);
  }
  if (type.longest > 0) {
    node.Set("maxLength", type.longest);
  }
  return node;
}

Node ConvertQuantity(const Type& type) {
  Node text;
  text.Set("type", "string").Set("pattern", PatternOf(type));
  Node number;
  number.Set("type", "number").Set("exclusiveMinimum", 0);
  Node node;
  node.Set("anyOf", Node::List{number, text});
  return node;
}

Node ConvertWords(const Type& type) {
  auto words = Node::Texts(type.words);
  if (MayBeFalse(type)) {
    words.Add(false);
  }
  Node node;
  node.Set("enum", std::move(words));
  return node;
}

Node ConvertMap(const Type& type) {
  Node node = Object(type, Convert);
  if (type.items.empty()) {
    node.Set("additionalProperties", false);
    return node;
  }
  Node pattern;
  pattern.Set("pattern", type.pattern);
  return node.Set("additionalProperties", Convert(type.items[0]))
      .Set("propertyNames", std::move(pattern));
}

Node ConvertNames(const Type& type) {
  Node node;
  node.Set("type", "object").Set("additionalProperties", Convert(type.items[0]));
  if (!type.pattern.empty()) {
    Node pattern;
    pattern.Set("pattern", type.pattern);
    node.Set("propertyNames", std::move(pattern));
  }
  AddItemBounds(type, "Properties", node);
  return node;
}

Node Convert(const Type& type) {
  Node node;
  switch (type.form) {
    case Form::kText:
    case Form::kDuration:
    case Form::kRate:
    case Form::kShare:
      return ConvertText(type);
    case Form::kQuantity:
      return ConvertQuantity(type);
    case Form::kWord:
      return ConvertWords(type);
    case Form::kInteger:
    case Form::kNumber:
      node.Set("type", type.form == Form::kInteger ? "integer" : "number");
      AddBounds(type, node);
      return node;
    case Form::kMap:
      return ConvertMap(type);
    case Form::kNames:
      return ConvertNames(type);
    case Form::kList:
      node.Set("type", "array").Set("items", Convert(type.items[0]));
      AddItemBounds(type, "Items", node);
      return node;
    case Form::kChoice:
      break;
  }
  Node alternatives;
  for (const auto& alternative : type.items) {
    alternatives.Add(Convert(alternative));
  }
  return node.Set("anyOf", std::move(alternatives));
}

Node Constant(const std::string& value) {
  Node node;
  return node.Set("const", value);
}

Node ConvertKind(const Kind& kind) {
  Node properties;
  properties.Set("apiVersion", Constant("trimtab.io/v1alpha1"))
      .Set("kind", Constant(kind.name))
      .Set("metadata", Convert(Metadata(kind)))
      .Set("spec", Convert(kind.spec));
  Node node;
  node.Set("title", kind.name)
      .Set("description", kind.doc)
      .Set("type", "object")
      .Set("properties", std::move(properties))
      .Set("required", Node::Texts({"apiVersion", "kind", "metadata", "spec"}))
      .Set("additionalProperties", false);
  return node;
}

/// `if` the document is of that kind `then` its schema, so that editors speak of that kind only.
Node WhereKind(const Kind& kind) {
  Node kind_is;
  kind_is.Set("kind", Constant(kind.name));
  Node condition;
  condition.Set("properties", std::move(kind_is)).Set("required", Node::Texts({"kind"}));
  Node reference;
  reference.Set("$ref", "#/definitions/" + kind.name);
  Node node;
  return node.Set("if", std::move(condition)).Set("then", std::move(reference));
}

}  // namespace

Node JsonSchema(const std::vector<Kind>& kinds) {
  Node names;
  Node cases;
  Node definitions;
  for (const auto& kind : kinds) {
    names.Add(kind.name);
    cases.Add(WhereKind(kind));
    definitions.Set(kind.name, ConvertKind(kind));
  }
  Node words;
  words.Set("enum", std::move(names));
  Node kind;
  kind.Set("kind", std::move(words));
  Node schema;
  schema.Set("$schema", "http://json-schema.org/draft-07/schema#")
      .Set("$id", "https://trimtab.io/schema/v1alpha1.json")
      .Set("title", "Trimtab policies")
      .Set("type", "object")
      .Set("required", Node::Texts({"apiVersion", "kind", "metadata", "spec"}))
      .Set("properties", std::move(kind))
      .Set("allOf", std::move(cases))
      .Set("definitions", std::move(definitions));
  return schema;
}

}  // namespace scaler::policy::schema

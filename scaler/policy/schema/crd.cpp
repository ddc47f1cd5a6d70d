#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "scaler/policy/schema/crd_status.h"
#include "scaler/policy/schema/generate.h"
#include "scaler/policy/schema/rules.h"
#include "scaler/policy/schema/text_patterns.h"

namespace scaler::policy::schema {
namespace {

using document::Node;

/// Kubernetes reckons what rules cost from how long a text may be.
constexpr std::size_t kLongestMeasure = 64;

Node Convert(const Type& type);

Node CelRule(const std::string& rule, const std::string& message) {
  Node node;
  return node.Set("rule", rule).Set("message", message);
}

void AddCel(const std::string& rule, const std::string& message, Node& node) {
  constexpr std::string_view kKey = "x-kubernetes-validations";
  if (Node* const known = node.Find(kKey)) {
    known->Add(CelRule(rule, message));
  } else {
    node.Set(kKey, Node::List{CelRule(rule, message)});
  }
}

void AddDurationRules(const Type& type, Node& node) {
  const auto seconds = [](double value) { return fmt::format("{:g}s", value); };
  // Go's durations end at 292 years; ours, and the pattern, sooner.
  AddCel(fmt::format("duration(self) >= duration('{}') && duration(self) <= duration('{:.0f}s')",
                     seconds(*type.least), *type.most),
         fmt::format("must be {} to {:.0f}s", seconds(*type.least), *type.most), node);
}

void AddShareRule(const Type& type, Node& node) {
  const auto* const relation = type.below_most ? "<" : "<=";
  AddCel(fmt::format("double(self.substring(0, self.size() - 1)) {} {:.1f}", relation, *type.most),
         fmt::format("must be {} {:g}%", type.below_most ? "less than" : "at most", *type.most),
         node);
}

Node ConvertText(const Type& type) {
  Node node;
  node.Set("type", "string");
  if (const auto pattern = PatternOf(type); !pattern.empty()) {
    node.Set("pattern", pattern);
  } else {
    node.Set("minLength", 1);
  }
  node.Set("maxLength", type.longest > 0 ? type.longest : kLongestMeasure);
  if (type.form == Form::kDuration) {
    AddDurationRules(type, node);
  } else if (type.form == Form::kShare) {
    AddShareRule(type, node);
  }
  return node;
}

Node ConvertQuantity(const Type& type) {
  Node whole;
  whole.Set("type", "integer");
  Node text;
  text.Set("type", "string");
  Node node;
  return node.Set("anyOf", Node::List{whole, text})
      .Set("x-kubernetes-int-or-string", true)
      .Set("pattern", PatternOf(type))
      .Set("minimum", 1)
      .Set("maxLength", kLongestMeasure);
}

/// What kubectl makes of `off` is `false`, and no type of Kubernetes is a text or that.
Node Anything() {
  Node node;
  return node.Set("x-kubernetes-preserve-unknown-fields", true);
}

Node ConvertWords(const Type& type) {
  auto words = Node::Texts(type.words);
  if (MayBeFalse(type)) {
    return Anything().Set("enum", words.Add(false));
  }
  Node node;
  return node.Set("type", "string").Set("enum", std::move(words));
}

Node ConvertMap(const Type& type) {
  Node node = Object(type, Convert);
  for (const auto& rule : type.rules) {
    if (rule.kind == Rule::Kind::kCel) {
      AddCel(rule.cel, rule.message, node);
    }
  }
  if (!type.items.empty()) {
    // Keys that are known and others do not go together in Kubernetes; the scaler looks at them.
    node.Set("x-kubernetes-preserve-unknown-fields", true);
  }
  return node;
}

Node ConvertNames(const Type& type) {
  Node node;
  node.Set("type", "object").Set("additionalProperties", Convert(type.items[0]));
  AddItemBounds(type, "Properties", node);
  if (!type.pattern.empty()) {
    AddCel(fmt::format("self.all(name, name.size() <= 317 && name.matches('{}'))", type.pattern),
           "a name here is not one", node);
  }
  return node;
}

/// The words among the alternatives of a choice, as CEL writes a list.
std::string CelWords(const Type& choice) {
  std::vector<std::string> words;
  for (const auto& alternative : choice.items) {
    words.insert(words.end(), alternative.words.begin(), alternative.words.end());
  }
  return words.empty() ? "[]" : fmt::format("['{}']", fmt::join(words, "', '"));
}

/// Kubernetes takes no rules within anyOf: they move to `whole`, and let the words of `choice`
/// pass.
void MoveRules(const Type& choice, Node& alternative, Node& whole) {
  const auto* const rules = alternative.Find("x-kubernetes-validations");
  if (rules == nullptr) {
    return;
  }
  for (const auto& rule : *rules->As<Node::List>()) {
    AddCel(
        fmt::format("self in {} || ({})", CelWords(choice), *rule.Find("rule")->As<std::string>()),
        *rule.Find("message")->As<std::string>(), whole);
  }
  alternative.Remove("x-kubernetes-validations");
}

/// A text with several patterns, or else what the scaler alone can look at.
Node ConvertChoice(const Type& type) {
  Node whole;
  whole.Set("type", "string").Set("maxLength", kLongestMeasure);
  Node alternatives;
  for (const auto& alternative : type.items) {
    auto node = Convert(alternative);
    const auto* const kind = node.Find("type");
    const auto* const name = kind == nullptr ? nullptr : kind->As<std::string>();
    if (name == nullptr || *name != "string") {
      return Anything();
    }
    node.Remove("type");
    MoveRules(type, node, whole);
    alternatives.Add(std::move(node));
  }
  return whole.Set("anyOf", std::move(alternatives));
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
      node.Set("type", type.form == Form::kInteger ? "integer" : "number")
          .Set("minimum", Number(*type.least))
          .Set("maximum", Number(*type.most));
      return type.above_least ? node.Set("exclusiveMinimum", true) : node;
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
  return ConvertChoice(type);
}

Node Version(const Kind& kind) {
  Node properties;
  properties.Set("apiVersion", Node::EmptyMap().Set("type", "string"))
      .Set("kind", Node::EmptyMap().Set("type", "string"))
      .Set("metadata", Node::EmptyMap().Set("type", "object"))
      .Set("spec", Convert(kind.spec).Set("description", "What is wanted, as its author wrote it."))
      .Set("status", StatusSchema());
  Node schema;
  schema.Set("type", "object")
      .Set("description", kind.doc)
      .Set("properties", std::move(properties))
      .Set("required", Node::Texts({"spec"}));
  Node version;
  version.Set("name", "v1alpha1")
      .Set("served", true)
      .Set("storage", true)
      .Set("subresources", Node::EmptyMap().Set("status", Node::EmptyMap()))
      .Set("additionalPrinterColumns", PrinterColumns(kind))
      .Set("schema", Node::EmptyMap().Set("openAPIV3Schema", std::move(schema)));
  return version;
}

std::string Lower(std::string text) {
  for (auto& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return text;
}

}  // namespace

Node Crd(const Kind& kind) {
  Node names;
  names.Set("kind", kind.name)
      .Set("listKind", kind.name + "List")
      .Set("plural", kind.plural)
      .Set("singular", Lower(kind.name))
      .Set("shortNames", Node::Texts({kind.short_name}))
      .Set("categories", Node::Texts({"trimtab"}));
  Node spec;
  spec.Set("group", "trimtab.io")
      .Set("scope", kind.namespaced ? "Namespaced" : "Cluster")
      .Set("names", std::move(names))
      .Set("versions", Node::List{Version(kind)});
  Node crd;
  crd.Set("apiVersion", "apiextensions.k8s.io/v1")
      .Set("kind", "CustomResourceDefinition")
      .Set("metadata", Node::EmptyMap().Set("name", kind.plural + ".trimtab.io"))
      .Set("spec", std::move(spec));
  return crd;
}

}  // namespace scaler::policy::schema

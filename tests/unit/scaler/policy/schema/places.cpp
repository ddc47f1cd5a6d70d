#include "unit/scaler/policy/schema/places.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/yaml/problem.h"

namespace scaler::policy::schema {
namespace {

using common::yaml::JoinPath;
using document::Node;

bool IsUnionOfShapes(const Type& type) {
  return std::any_of(type.items.begin(), type.items.end(), [](const Type& item) {
    return item.form == Form::kMap || item.form == Form::kList;
  });
}

bool Knows(const Type& type, const std::string& name) {
  return std::any_of(type.keys.begin(), type.keys.end(),
                     [&](const Key& key) { return key.name == name; });
}

class Collector {
 public:
  void Visit(const Node& node, Place place) {
    const auto& type = *place.type;
    Below(node, type, place);
    const bool open = type.form == Form::kMap && !type.items.empty();
    place.crd_cannot =
        place.crd_cannot || open || (type.form == Form::kChoice && IsUnionOfShapes(type));
    places.push_back(std::move(place));
  }

  std::vector<Place> places;

 private:
  static Place Inner(const Place& outer, const Type& type, Step step, std::string path,
                     std::string description) {
    Place inner = outer;
    inner.steps.push_back(std::move(step));
    inner.type = &type;
    inner.path = std::move(path);
    inner.description = std::move(description);
    return inner;
  }

  void Below(const Node& node, const Type& type, Place place) {
    if (type.form == Form::kChoice) {
      place.crd_cannot = place.crd_cannot || IsUnionOfShapes(type);
      for (const auto& item : type.items) {
        Below(node, item, place);
      }
      return;
    }
    if (const auto* const list = node.As<Node::List>(); list && type.form == Form::kList) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        Visit((*list)[i], Inner(place, type.items[0], i, fmt::format("{}[{}]", place.path, i),
                                place.description + "[]"));
      }
    }
    const auto* const map = node.As<Node::Map>();
    if (map == nullptr || (type.form != Form::kMap && type.form != Form::kNames)) {
      return;
    }
    for (const auto& [name, value] : *map) {
      BelowMap(name, value, type, place);
    }
  }

  void BelowMap(const std::string& name, const Node& value, const Type& type, const Place& place) {
    for (const auto& key : type.keys) {
      if (key.name == name) {
        Visit(value, Inner(place, key.type, name, JoinPath(place.path, name),
                           place.description + "." + name));
      }
    }
    if (!Knows(type, name) && !type.items.empty()) {
      auto inner = Inner(place, type.items[0], name, JoinPath(place.path, name),
                         place.description + ".NAME");
      inner.crd_cannot = inner.crd_cannot || type.form == Form::kMap;
      Visit(value, std::move(inner));
    }
  }
};

void Describe(const Type& type, const std::string& path, std::vector<std::string>& all) {
  for (const auto& key : type.keys) {
    const auto inner = path + "." + key.name;
    all.push_back(inner);
    Describe(key.type, inner, all);
  }
  for (const auto& item : type.items) {
    const bool named = type.form == Form::kMap || type.form == Form::kNames;
    Describe(item, path + (named ? ".NAME" : type.form == Form::kList ? "[]" : ""), all);
  }
}

}  // namespace

std::vector<Place> PlacesOf(const Node& document, const Kind& kind) {
  Collector collector;
  collector.Visit(*document.Find("spec"),
                  {{std::string("spec")}, "spec", "spec", &kind.spec, false});
  return std::move(collector.places);
}

Node With(const Node& document, const std::vector<Step>& steps, const Node& value) {
  if (steps.empty()) {
    return value;
  }
  const std::vector<Step> rest(steps.begin() + 1, steps.end());
  Node made = document;
  if (const auto* const key = std::get_if<std::string>(&steps.front())) {
    made.Set(*key, With(*document.Find(*key), rest, value));
    return made;
  }
  auto items = *document.As<Node::List>();
  auto& item = items[std::get<std::size_t>(steps.front())];
  item = With(item, rest, value);
  return items;
}

std::vector<std::string> DescribedPlaces(const Kind& kind) {
  std::vector<std::string> all;
  Describe(kind.spec, "spec", all);
  return all;
}

}  // namespace scaler::policy::schema

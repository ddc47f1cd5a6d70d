#include "scaler/kubernetes/policies/object.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <memory>

#include "common/json_writer.h"
#include "scaler/policy/read.h"

namespace scaler::kubernetes::policies {
namespace {

namespace ondemand = simdjson::ondemand;
using common::yaml::Problems;

const char* PluralOf(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kScalingPolicy:
      return "scalingpolicies";
    case ObjectKind::kScalingGroup:
      return "scalinggroups";
    case ObjectKind::kCapacityPolicy:
      break;
  }
  return "capacitypolicies";
}

/// The document that a person would have written into a file.
std::string DocumentOf(const ObjectRef& ref, std::string_view spec) {
  common::JsonWriter json;
  json.BeginObject().Key("apiVersion").String(kApiVersion);
  json.Key("kind").String(KindName(ref.kind));
  json.Key("metadata").BeginObject().Key("name").String(ref.name);
  if (ref.kind == ObjectKind::kScalingPolicy) {
    json.Key("namespace").String(ref.name_space);
  }
  json.EndObject();
  if (!spec.empty()) {
    json.Key("spec").Raw(spec);
  }
  return json.EndObject().Take();
}

template <typename T>
void NameSource(const std::string& name, std::vector<T>& all) {
  for (auto& one : all) {
    one.file = name;
    one.at = {};
  }
}

void AddFile(const std::string& name, std::string_view text, int rank,
             std::vector<policy::Source>& sources) {
  policy::Source source{.rank = rank, .documents = nullptr, .problems = Problems(name)};
  source.documents =
      std::make_shared<const policy::Documents>(policy::ReadText(text, source.problems, ""));
  sources.push_back(std::move(source));
}

policy::Source Unreadable(const std::string& name, const std::string& why, int rank) {
  policy::Source source{.rank = rank,
                        .documents = std::make_shared<const policy::Documents>(),
                        .problems = Problems(name)};
  source.problems.Add({}, "data", why);
  return source;
}

bool IsPolicyFile(std::string_view key) { return key.ends_with(".yaml") || key.ends_with(".yml"); }

}  // namespace

const char* KindName(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kScalingPolicy:
      return "ScalingPolicy";
    case ObjectKind::kScalingGroup:
      return "ScalingGroup";
    case ObjectKind::kCapacityPolicy:
      break;
  }
  return "CapacityPolicy";
}

std::string CollectionOf(ObjectKind kind) {
  return fmt::format("/apis/{}/{}", kApiVersion, PluralOf(kind));
}

std::string SourceName(const ObjectRef& ref) {
  return ref.name_space.empty()
             ? fmt::format("{} {}", KindName(ref.kind), ref.name)
             : fmt::format("{} {}/{}", KindName(ref.kind), ref.name_space, ref.name);
}

std::string PathOf(const ObjectRef& ref) {
  const auto in_namespace =
      ref.name_space.empty() ? std::string() : fmt::format("namespaces/{}/", ref.name_space);
  return fmt::format("/apis/{}/{}{}/{}", kApiVersion, in_namespace, PluralOf(ref.kind), ref.name);
}

common::Result<ObjectParts> ReadParts(std::string_view json) {
  const simdjson::padded_string padded(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object top;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(top) != simdjson::SUCCESS) {
    return common::Fail(std::errc::bad_message, "an object that is no JSON");
  }
  ObjectParts parts;
  // The same place in the text that the caller keeps.
  const auto in_json = [&](std::string_view part) {
    return json.substr(static_cast<std::size_t>(part.data() - padded.data()), part.size());
  };
  for (auto field : top) {
    std::string_view key;
    ondemand::object object;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) {
      return common::Fail(std::errc::bad_message, "an object that is damaged JSON");
    }
    if ((key != "metadata" && key != "spec" && key != "status") ||
        field.value().get(object) != simdjson::SUCCESS) {
      continue;
    }
    if (key == "metadata") {
      if (object["generation"].get(parts.generation) != simdjson::SUCCESS) {
        parts.generation = 0;
      }
      continue;
    }
    std::string_view raw;
    if (object.raw_json().get(raw) == simdjson::SUCCESS) {
      (key == "spec" ? parts.spec : parts.status) = in_json(raw);
    }
  }
  return parts;
}

policy::Source ReadObject(const ObjectRef& ref, std::string_view spec, int rank) {
  const auto name = SourceName(ref);
  Problems read(name);
  auto documents = policy::ReadText(DocumentOf(ref, spec), read);
  NameSource(name, documents.policies);
  NameSource(name, documents.groups);
  NameSource(name, documents.capacity);
  for (auto& policy : documents.policies) {
    for (auto& one : policy.overrides) {
      one.at = {};
    }
  }
  policy::Source source{
      .rank = rank,
      .documents = std::make_shared<const policy::Documents>(std::move(documents)),
      .problems = Problems(name)};
  for (const auto& problem : read.Sorted()) {
    source.problems.Add({}, problem.path, problem.what, problem.suggestion);
  }
  return source;
}

std::vector<policy::Source> ReadConfigMap(const common::kubernetes::ObjectView& map, int rank) {
  const auto name = fmt::format("ConfigMap {}/{}", map.name_space, map.name);
  const simdjson::padded_string padded(map.json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object data;
  std::vector<policy::Source> sources;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) {
    return {Unreadable(name, "the object is no JSON", rank)};
  }
  if (document["data"].get(data) != simdjson::SUCCESS) {
    return {Unreadable(name, "expected keys like shops.yaml, each holding policies", rank)};
  }
  for (auto field : data) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) {
      return {Unreadable(name, "the object is damaged JSON", rank)};
    }
    const std::string file(key);
    std::string_view text;
    if (IsPolicyFile(file) && field.value().get(text) == simdjson::SUCCESS) {
      AddFile(name + "/" + file, text, rank, sources);
    }
  }
  if (sources.empty()) {
    return {Unreadable(name, "has no key that ends with .yaml or .yml", rank)};
  }
  std::sort(sources.begin(), sources.end(), [](const auto& left, const auto& right) {
    return left.problems.File() < right.problems.File();
  });
  return sources;
}

}  // namespace scaler::kubernetes::policies

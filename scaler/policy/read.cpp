#include "scaler/policy/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/text.h"
#include "common/yaml/parse.h"
#include "scaler/policy/read_kinds.h"

namespace scaler::policy {
namespace {

using common::yaml::Position;
using common::yaml::Problems;
using common::yaml::Value;

enum class Kind { kPolicy, kGroup, kCapacity };

template <typename T>
void Keep(T made, const Value& document, const std::string& file, std::vector<T>& all) {
  made.file = file;
  made.at = document.At();
  all.push_back(std::move(made));
}

/// Which rules the document is meant to follow, also where its kind is missing or misspelt: a
/// person wants to see all that is wrong at once.
std::optional<Kind> ReadKind(const Value& value) {
  static const std::vector<std::pair<std::string, Kind>> kKinds = {
      {"ScalingPolicy", Kind::kPolicy},
      {"ScalingGroup", Kind::kGroup},
      {"CapacityPolicy", Kind::kCapacity}};
  if (!value) {
    return Kind::kPolicy;
  }
  (void)value.Enum<int>({{"ScalingPolicy", 0}, {"ScalingGroup", 0}, {"CapacityPolicy", 0}});
  const auto near =
      common::NearestWord(value.ScalarText(), {kKinds[0].first, kKinds[1].first, kKinds[2].first});
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [&](const auto& kind) { return kind.first == near; });
  return found == kKinds.end() ? std::nullopt : std::optional(found->second);
}

void ReadDocument(const Value& document, const std::string& file, const std::string& name_space,
                  Documents& documents) {
  auto map = document.AsMap();
  if (!map) {
    return;
  }
  (void)map->Required("apiVersion").Enum<int>({{"trimtab.io/v1alpha1", 1}});
  const auto kind = ReadKind(map->Required("kind"));
  if (!kind) {
    return;
  }
  switch (*kind) {
    case Kind::kPolicy:
      Keep(ReadPolicy(*map, name_space), document, file, documents.policies);
      break;
    case Kind::kGroup:
      Keep(ReadGroup(*map), document, file, documents.groups);
      break;
    case Kind::kCapacity:
      Keep(ReadCapacity(*map), document, file, documents.capacity);
      break;
  }
  map->Finish();
}

template <typename T>
void CheckNames(const std::vector<T>& all, Problems& problems) {
  std::map<std::string, Position> first;
  for (const auto& one : all) {
    const auto title = TitleOf(one);
    const auto [known, is_new] = first.emplace(title, one.at);
    const bool named = title.back() != '/' && title.back() != ' ';
    if (!is_new && named) {
      problems.Add(one.at, "metadata.name",
                   fmt::format("{} is given twice, first at {}:{}", title, known->second.line,
                               known->second.column));
    }
  }
}

Documents ReadDocuments(const std::vector<Value>& values, Problems& problems,
                        const std::string& name_space) {
  Documents documents;
  for (const auto& value : values) {
    ReadDocument(value, problems.File(), name_space, documents);
  }
  CheckNames(documents.policies, problems);
  CheckNames(documents.groups, problems);
  CheckNames(documents.capacity, problems);
  return documents;
}

}  // namespace

Documents ReadFile(const std::filesystem::path& path, Problems& problems,
                   const std::string& name_space) {
  return ReadDocuments(common::yaml::ParseFile(path, problems), problems, name_space);
}

Documents ReadText(std::string_view text, Problems& problems, const std::string& name_space) {
  return ReadDocuments(common::yaml::ParseText(text, problems), problems, name_space);
}

std::vector<common::yaml::Problem> ValidateFile(const std::filesystem::path& path) {
  Problems problems(path.string());
  (void)ReadFile(path, problems);
  return problems.Sorted();
}

}  // namespace scaler::policy

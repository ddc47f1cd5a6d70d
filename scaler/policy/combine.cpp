#include "scaler/policy/combine.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <utility>

#include "scaler/policy/read.h"

namespace scaler::policy {
namespace {

using common::yaml::Problems;

/// Calls `visit` with each document of whatever kind.
template <typename Visit>
void ForEach(const Documents& documents, const Visit& visit) {
  std::for_each(documents.policies.begin(), documents.policies.end(), visit);
  std::for_each(documents.groups.begin(), documents.groups.end(), visit);
  std::for_each(documents.capacity.begin(), documents.capacity.end(), visit);
}

/// Where each document of the sources read so far stands.
class Names {
 public:
  /// Says which of a source's documents an earlier one has already.
  void Check(const Documents& documents, Problems& problems) const {
    ForEach(documents, [&](const auto& document) {
      if (const auto* const owner = OwnerOf(document)) {
        problems.Add(document.at, "metadata.name",
                     fmt::format("{} is given already in {}", TitleOf(document), *owner));
      }
    });
  }

  template <typename T>
  [[nodiscard]] const std::string* OwnerOf(const T& document) const {
    const auto found = owners_.find(TitleOf(document));
    return found == owners_.end() ? nullptr : &found->second;
  }

  void Take(const Documents& documents) {
    ForEach(documents,
            [&](const auto& document) { owners_.emplace(TitleOf(document), document.file); });
  }

 private:
  std::map<std::string, std::string> owners_;
};

template <typename T>
void DropTaken(const Names& names, std::vector<T>& documents) {
  std::erase_if(documents, [&](const T& one) { return names.OwnerOf(one) != nullptr; });
}

/// The last good documents of a source, without those that another has by now.
FileDocuments LastGood(const PolicySet& previous, const std::string& file, const Names& names) {
  const auto found = previous.Files().find(file);
  if (found == previous.Files().end()) {
    return nullptr;
  }
  auto kept = std::make_shared<Documents>(*found->second);
  DropTaken(names, kept->policies);
  DropTaken(names, kept->groups);
  DropTaken(names, kept->capacity);
  return kept->Empty() ? nullptr : kept;
}

template <typename T>
void CompareKind(const std::vector<const T*>& before, const std::vector<const T*>& after,
                 std::vector<Change>& changes) {
  const auto by_title = [](const std::vector<const T*>& all) {
    std::map<std::string, const T*> titles;
    for (const auto* one : all) {
      titles.emplace(TitleOf(*one), one);
    }
    return titles;
  };
  const auto old_titles = by_title(before);
  const auto new_titles = by_title(after);
  for (const auto& [title, document] : old_titles) {
    if (!new_titles.contains(title)) {
      changes.push_back({Change::Kind::kRemoved, title});
    }
  }
  for (const auto& [title, document] : new_titles) {
    const auto old_document = old_titles.find(title);
    if (old_document == old_titles.end()) {
      changes.push_back({Change::Kind::kAdded, title});
    } else if (old_document->second != document && !old_document->second->SameAs(*document)) {
      changes.push_back({Change::Kind::kChanged, title});
    }
  }
}

std::vector<Change> Compare(const PolicySet& before, const PolicySet& after) {
  std::vector<Change> changes;
  CompareKind(before.All(), after.All(), changes);
  CompareKind(before.Groups(), after.Groups(), changes);
  CompareKind(before.Capacity(), after.Capacity(), changes);
  std::sort(changes.begin(), changes.end(),
            [](const Change& left, const Change& right) { return left.policy < right.policy; });
  return changes;
}

/// Good sources first, so that a policy that moved out of a source that is bad now is not refused
/// in its new one.
void CombineRank(const std::vector<const Source*>& sources, const PolicySet& previous, Names& names,
                 std::map<std::string, FileDocuments>& files, Load& load) {
  std::vector<const Source*> refused;
  for (const auto* source : sources) {
    auto problems = source->problems;
    names.Check(*source->documents, problems);
    if (problems.Empty()) {
      names.Take(*source->documents);
      files[problems.File()] = source->documents;
      continue;
    }
    const auto sorted = problems.Sorted();
    load.problems.insert(load.problems.end(), sorted.begin(), sorted.end());
    refused.push_back(source);
  }
  for (const auto* source : refused) {
    if (auto kept = LastGood(previous, source->problems.File(), names)) {
      names.Take(*kept);
      files[source->problems.File()] = std::move(kept);
      load.kept.push_back(source->problems.File());
    }
  }
}

}  // namespace

Source ReadSource(const std::filesystem::path& path, const std::string& name_space, int rank) {
  Source source{.rank = rank, .documents = nullptr, .problems = Problems(path.string())};
  source.documents = std::make_shared<const Documents>(ReadFile(path, source.problems, name_space));
  return source;
}

Load Combine(const PolicySet& previous, const std::vector<const Source*>& sources) {
  Load load;
  std::map<int, std::vector<const Source*>> ranks;
  for (const auto* source : sources) {
    load.files.push_back(source->problems.File());
    ranks[source->rank].push_back(source);
  }
  Names names;
  std::map<std::string, FileDocuments> files;
  for (const auto& [rank, all] : ranks) {
    CombineRank(all, previous, names, files, load);
  }
  load.set = PolicySet(std::move(files));
  load.changes = Compare(previous, load.set);
  return load;
}

std::string ToString(const Change& change) {
  const char* const verb = change.kind == Change::Kind::kAdded     ? "added"
                           : change.kind == Change::Kind::kRemoved ? "removed"
                                                                   : "changed";
  return fmt::format("{} {}", verb, change.policy);
}

std::vector<std::string> LinesOf(const std::vector<Change>& changes) {
  constexpr std::size_t kMostLines = 20;
  std::vector<std::string> lines;
  if (changes.size() <= kMostLines) {
    std::transform(changes.begin(), changes.end(), std::back_inserter(lines),
                   [](const Change& change) { return ToString(change); });
    return lines;
  }
  const auto count = [&](Change::Kind kind) {
    return std::count_if(changes.begin(), changes.end(),
                         [&](const Change& change) { return change.kind == kind; });
  };
  lines.push_back(fmt::format("{} together: {} added, {} changed, {} removed", changes.size(),
                              count(Change::Kind::kAdded), count(Change::Kind::kChanged),
                              count(Change::Kind::kRemoved)));
  return lines;
}

}  // namespace scaler::policy

#include "scaler/policy/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <system_error>
#include <utility>

#include "scaler/policy/read.h"

namespace scaler::policy {
namespace {

using common::yaml::Problem;
using common::yaml::Problems;

constexpr std::size_t kMostFiles = 1000;

bool IsPolicyFile(const std::filesystem::path& path) {
  const auto extension = path.extension();
  return !path.filename().string().starts_with('.') &&
         (extension == ".yaml" || extension == ".yml");
}

/// Calls `visit` with each document of whatever kind.
template <typename Visit>
void ForEach(const Documents& documents, const Visit& visit) {
  std::for_each(documents.policies.begin(), documents.policies.end(), visit);
  std::for_each(documents.groups.begin(), documents.groups.end(), visit);
  std::for_each(documents.capacity.begin(), documents.capacity.end(), visit);
}

/// Where each document of the files read so far stands.
class Names {
 public:
  /// Says which of a file's documents an earlier file has already.
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

/// The last good documents of a file, without those that another file has by now.
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
    } else if (!old_document->second->SameAs(*document)) {
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

Problem AboutDirectory(const std::filesystem::path& directory, std::string what) {
  return {
      .file = directory.string(), .at = {}, .path = {}, .what = std::move(what), .suggestion = {}};
}

/// Good files first, so that a policy that moved out of a file that is bad now is not refused in
/// its new one.
void ReadAll(const std::vector<std::filesystem::path>& paths, const PolicySet& previous,
             Load& load) {
  Names names;
  std::map<std::string, FileDocuments> files;
  std::map<std::string, std::vector<Problem>> refused;
  for (const auto& path : paths) {
    const auto file = path.string();
    load.files.push_back(file);
    Problems problems(file);
    auto documents = ReadFile(path, problems);
    names.Check(documents, problems);
    if (problems.Empty()) {
      names.Take(documents);
      files[file] = std::make_shared<const Documents>(std::move(documents));
    } else {
      refused[file] = problems.Sorted();
    }
  }
  for (const auto& [file, problems] : refused) {
    load.problems.insert(load.problems.end(), problems.begin(), problems.end());
    if (auto kept = LastGood(previous, file, names)) {
      names.Take(*kept);
      files[file] = std::move(kept);
      load.kept.push_back(file);
    }
  }
  load.set = PolicySet(std::move(files));
}

}  // namespace

std::string ToString(const Change& change) {
  const char* const verb = change.kind == Change::Kind::kAdded     ? "added"
                           : change.kind == Change::Kind::kRemoved ? "removed"
                                                                   : "changed";
  return fmt::format("{} {}", verb, change.policy);
}

common::Result<std::vector<std::filesystem::path>> ListPolicyFiles(
    const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (IsPolicyFile(entry->path()) && !entry->is_directory(ignored)) {
      paths.push_back(entry->path());
    }
    if (paths.size() > kMostFiles) {
      return common::Fail(std::errc::argument_list_too_long,
                          fmt::format("has more than {} policy files", kMostFiles));
    }
  }
  if (error) {
    return tl::make_unexpected(common::Error{error, "cannot be read: " + error.message()});
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Load LoadDirectory(const std::filesystem::path& directory) { return Reload({}, directory); }

Load Reload(const PolicySet& previous, const std::filesystem::path& directory) {
  Load load;
  const auto paths = ListPolicyFiles(directory);
  if (!paths) {
    load.set = previous;
    load.problems = {AboutDirectory(directory, paths.error().what)};
    for (const auto& [file, documents] : previous.Files()) {
      load.kept.push_back(file);
    }
    return load;
  }
  ReadAll(*paths, previous, load);
  load.changes = Compare(previous, load.set);
  return load;
}

}  // namespace scaler::policy

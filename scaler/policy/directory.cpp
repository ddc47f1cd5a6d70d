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

/// Where each policy of the files read so far stands.
class Names {
 public:
  /// Says which of a file's policies an earlier file has already.
  void Check(const std::vector<ScalingPolicy>& policies, Problems& problems) const {
    for (const auto& policy : policies) {
      const auto found = owners_.find(FullName(policy));
      if (found != owners_.end()) {
        problems.Add(policy.at, "metadata.name",
                     fmt::format("{} is given already in {}", found->first, found->second));
      }
    }
  }

  void Take(const std::vector<ScalingPolicy>& policies) {
    for (const auto& policy : policies) {
      owners_.emplace(FullName(policy), policy.file);
    }
  }

 private:
  std::map<std::string, std::string> owners_;
};

/// The last good policies of a file, without those that another file has by now.
FilePolicies LastGood(const PolicySet& previous, const std::string& file, const Names& names) {
  const auto found = previous.Files().find(file);
  if (found == previous.Files().end()) {
    return nullptr;
  }
  auto kept = std::make_shared<std::vector<ScalingPolicy>>();
  for (const auto& policy : *found->second) {
    Problems taken(file);
    names.Check({policy}, taken);
    if (taken.Empty()) {
      kept->push_back(policy);
    }
  }
  return kept->empty() ? nullptr : kept;
}

std::map<std::string, const ScalingPolicy*> ByName(const PolicySet& set) {
  std::map<std::string, const ScalingPolicy*> by_name;
  for (const auto* policy : set.All()) {
    by_name.emplace(FullName(*policy), policy);
  }
  return by_name;
}

std::vector<Change> Compare(const PolicySet& before, const PolicySet& after) {
  const auto old_policies = ByName(before);
  const auto new_policies = ByName(after);
  std::vector<Change> changes;
  for (const auto& [name, policy] : old_policies) {
    if (!new_policies.contains(name)) {
      changes.push_back({Change::Kind::kRemoved, name});
    }
  }
  for (const auto& [name, policy] : new_policies) {
    const auto old_policy = old_policies.find(name);
    if (old_policy == old_policies.end()) {
      changes.push_back({Change::Kind::kAdded, name});
    } else if (!old_policy->second->SameAs(*policy)) {
      changes.push_back({Change::Kind::kChanged, name});
    }
  }
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
  std::map<std::string, FilePolicies> files;
  std::map<std::string, std::vector<Problem>> refused;
  for (const auto& path : paths) {
    const auto file = path.string();
    load.files.push_back(file);
    Problems problems(file);
    auto policies = ReadFile(path, problems);
    names.Check(policies, problems);
    if (problems.Empty()) {
      names.Take(policies);
      files[file] = std::make_shared<const std::vector<ScalingPolicy>>(std::move(policies));
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
    for (const auto& [file, policies] : previous.Files()) {
      load.kept.push_back(file);
    }
    return load;
  }
  ReadAll(*paths, previous, load);
  load.changes = Compare(previous, load.set);
  return load;
}

}  // namespace scaler::policy

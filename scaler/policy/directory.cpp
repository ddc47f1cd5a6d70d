#include "scaler/policy/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "scaler/policy/combine.h"
#include "scaler/policy/read.h"

namespace scaler::policy {
namespace {

using common::yaml::Problem;

constexpr std::size_t kMostFiles = 1000;

bool IsPolicyFile(const std::filesystem::path& path) {
  const auto extension = path.extension();
  return !path.filename().string().starts_with('.') &&
         (extension == ".yaml" || extension == ".yml");
}

Problem AboutDirectory(const std::filesystem::path& directory, std::string what) {
  return {
      .file = directory.string(), .at = {}, .path = {}, .what = std::move(what), .suggestion = {}};
}

}  // namespace

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
  std::vector<Source> sources;
  std::vector<const Source*> all;
  sources.reserve(paths->size());
  for (const auto& path : *paths) {
    all.push_back(&sources.emplace_back(ReadSource(path, kLocalNamespace, 0)));
  }
  return Combine(previous, all);
}

}  // namespace scaler::policy

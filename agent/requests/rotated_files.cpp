#include "agent/requests/rotated_files.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/text.h"

namespace agent::requests {
namespace {

constexpr std::size_t kMaxFiles = 256;
constexpr std::size_t kMaxCounterDigits = 5;

/// Digits, and what separates them in a date: checkpoints, compressed files and editors' copies
/// beside a log are not its rotated files.
bool IsRotationSuffix(std::string_view suffix) {
  return suffix.size() > 1 && (suffix[0] == '.' || suffix[0] == '-') &&
         suffix.find_first_not_of("0123456789-.:_TZ", 1) == std::string_view::npos &&
         suffix.find_first_of("0123456789") != std::string_view::npos;
}

/// Orders ".1" before ".2" before ".10", and a later date before an earlier one.
struct NewestFirst {
  static bool IsCounter(std::string_view suffix) {
    return suffix.size() <= kMaxCounterDigits + 1 && common::ParseUnsigned(suffix.substr(1));
  }
  bool operator()(const std::string& left, const std::string& right) const {
    const bool left_counts = IsCounter(left);
    if (left_counts != IsCounter(right)) {
      return left_counts;
    }
    return left_counts ? std::pair(left.size(), left) < std::pair(right.size(), right)
                       : left > right;
  }
};

/// The name after each counter, too.
///
/// While a rotation counts up, some name is always missing from the directory, and the file before
/// it is about to get it. Who opens all of these from low to high meets each file.
void AddNextNames(std::vector<std::string>& suffixes) {
  std::set<std::string> all(suffixes.begin(), suffixes.end());
  for (const auto& suffix : suffixes) {
    if (NewestFirst::IsCounter(suffix)) {
      all.insert(suffix[0] + std::to_string(*common::ParseUnsigned(suffix.substr(1)) + 1));
    }
  }
  suffixes.assign(all.begin(), all.end());
}

}  // namespace

std::vector<std::filesystem::path> RotatedFiles(const std::filesystem::path& log) {
  const auto name = log.filename().string();
  std::vector<std::string> suffixes;
  std::error_code error;
  const auto directory = log.has_parent_path() ? log.parent_path() : ".";
  for (auto entry = std::filesystem::directory_iterator(directory, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    auto other = entry->path().filename().string();
    if (other.starts_with(name) && IsRotationSuffix(std::string_view(other).substr(name.size()))) {
      suffixes.push_back(other.substr(name.size()));
    }
  }
  std::ranges::sort(suffixes, NewestFirst());
  suffixes.resize(std::min(suffixes.size(), kMaxFiles));
  AddNextNames(suffixes);
  std::ranges::sort(suffixes, NewestFirst());
  std::vector<std::filesystem::path> files;
  files.reserve(suffixes.size());
  for (const auto& suffix : suffixes) {
    files.push_back(directory / (name + suffix));
  }
  return files;
}

}  // namespace agent::requests

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/yaml/problem.h"
#include "scaler/policy/policy_set.h"

namespace scaler::policy {

/// How the document of that name differs from before.
struct Change {
  enum class Kind { kAdded, kChanged, kRemoved };

  Kind kind = Kind::kAdded;
  std::string policy;  ///< Its title: "namespace/name", "ScalingGroup starter".

  friend bool operator==(const Change&, const Change&) = default;
};

/// "added local/shops".
[[nodiscard]] std::string ToString(const Change& change);

/// What reading a directory came to.
struct Load {
  PolicySet set;
  std::vector<common::yaml::Problem> problems;  ///< By file, then in the order of the file.
  std::vector<Change> changes;                  ///< By name.
  std::vector<std::string> files;               ///< All that were read, good and bad.
  std::vector<std::string> kept;  ///< Bad files whose last good policies stay in force.
};

/// Reads every policy beneath `directory`: its *.yaml and *.yml files, not the hidden ones, not
/// those in folders below. A file with a problem is refused as a whole. Bounded: 1000 files.
[[nodiscard]] Load LoadDirectory(const std::filesystem::path& directory);

/// The same, where `previous` is in force: a bad file keeps the policies that it had there, and
/// where the directory itself cannot be read, everything stays.
[[nodiscard]] Load Reload(const PolicySet& previous, const std::filesystem::path& directory);

/// The paths that LoadDirectory reads, sorted; shared with who watches them.
[[nodiscard]] common::Result<std::vector<std::filesystem::path>> ListPolicyFiles(
    const std::filesystem::path& directory);

}  // namespace scaler::policy

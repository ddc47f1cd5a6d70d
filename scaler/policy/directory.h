#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/result.h"
#include "scaler/policy/combine.h"

namespace scaler::policy {

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

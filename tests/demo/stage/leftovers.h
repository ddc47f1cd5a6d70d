#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace demo {

/// Every cgroup directory called `name` below a mount point of the cgroup file systems.
[[nodiscard]] std::vector<std::filesystem::path> FindCgroups(const std::string& name);

/// Kills what is in these cgroups and removes them with all below. Best effort.
void RemoveCgroups(const std::vector<std::filesystem::path>& cgroups);

/// The run directory of a demo and its cgroup both end in its process id. Removes the cgroups of
/// those whose process has gone (killed before it could tidy up); returns how many there were.
int RemoveStaleCgroups(const std::string& prefix);

}  // namespace demo

#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "common/file_system.h"
#include "common/result.h"

namespace agent::cgroup {

/// Where one controller's tree of cgroups is mounted, below the root directory.
struct Controller {
  std::filesystem::path mount;
  bool unified = false;  ///< cgroup v2.

  friend bool operator==(const Controller&, const Controller&) = default;
};

/// Where this machine keeps its cgroups. A machine may have v1 for some controllers and v2 for
/// others; what a kernel has not got is empty.
struct Hierarchies {
  std::optional<Controller> memory = {};
  std::optional<Controller> cpu_usage = {};  ///< v1: cpuacct.
  std::optional<Controller> cpu_quota = {};  ///< v1: cpu; says how often a quota was in the way.

  friend bool operator==(const Hierarchies&, const Hierarchies&) = default;
};

/// Finds the hierarchies in the text of /proc/mounts. `unified_controllers` is the text of
/// cgroup.controllers of the v2 mount: a controller that v1 has taken is not among them.
[[nodiscard]] Hierarchies ParseMounts(std::string_view mounts,
                                      std::string_view unified_controllers);

/// The mount point of cgroup v2, if there is one.
[[nodiscard]] std::optional<std::filesystem::path> FindUnifiedMount(std::string_view mounts);

/// Finds the hierarchies of the machine beneath `fs`.
[[nodiscard]] common::Result<Hierarchies> FindHierarchies(const common::FileSystem& fs);

}  // namespace agent::cgroup

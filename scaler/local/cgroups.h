#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "scaler/local/spec.h"

namespace scaler::local {

/// Where the kernel's memory and cpu controllers are: in up to three hierarchies of version 1, or
/// in the one of version 2, or (hybrid) in both.
///
/// Every path is relative to a controller's mount, without a leading slash. Blocking; any thread.
class Cgroups {
 public:
  /// Reads /proc/self/mounts below `root`. not_supported where there is neither controller.
  [[nodiscard]] static common::Result<Cgroups> Find(const std::filesystem::path& root);

  /// Makes `parent` and lets its children have both controllers.
  [[nodiscard]] common::Result<void> Prepare(const std::string& parent) const;

  /// Makes `path` (its parent is prepared) and sets its limits.
  [[nodiscard]] common::Result<void> Create(const std::string& path,
                                            const Resources& resources) const;

  /// Moves the calling process. Safe in a single-threaded child before its exec.
  [[nodiscard]] common::Result<void> Join(const std::string& path) const;

  /// How often the kernel has killed here for memory; 0 where it does not say.
  [[nodiscard]] std::uint64_t OomKills(const std::string& path) const;

  /// The processes in it, each once.
  [[nodiscard]] std::vector<pid_t> Processes(const std::string& path) const;

  /// In any of the hierarchies.
  [[nodiscard]] bool Exists(const std::string& path) const;

  /// Removes an empty cgroup; one that is not there is removed already. device_or_resource_busy
  /// while processes (zombies too) are left in it.
  [[nodiscard]] common::Result<void> Remove(const std::string& path) const;

  /// Removes `parent` with all that is empty directly below it.
  [[nodiscard]] common::Result<void> RemoveTree(const std::string& parent) const;

  /// Kills every process in `path` and below it. What is forked meanwhile may live: ask until
  /// RemoveAll succeeds.
  void KillAll(const std::string& path) const;

  /// Removes `path` with everything below it; as Remove.
  [[nodiscard]] common::Result<void> RemoveAll(const std::string& path) const;

 private:
  struct Hierarchy {
    std::filesystem::path mount;
    bool v2 = false;
    bool memory = false;
    bool cpu = false;
  };

  std::vector<Hierarchy> hierarchies_;
};

}  // namespace scaler::local

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "agent/cgroup/hierarchies.h"
#include "common/file_system.h"
#include "common/result.h"

namespace agent::cgroup {

/// What the kernel says about the memory of one cgroup at one instant.
///
/// A value: copyable, comparable, with no tie to the file system it came from.
struct MemorySample {
  std::uint64_t current_bytes = 0;
  std::optional<std::uint64_t> limit_bytes = {};  ///< Empty where there is no limit.
  std::uint64_t inactive_file_bytes = 0;
  /// Counter, since the cgroup was made. v1 counts only in the victim's own cgroup; before Linux
  /// 4.13 it does not count at all, and this stays 0.
  std::uint64_t oom_kills = 0;

  /// Memory that cannot be given back under pressure; what Kubernetes evicts on.
  [[nodiscard]] std::uint64_t WorkingSetBytes() const;

  /// Working set as a share of the limit, or nothing where there is no limit.
  [[nodiscard]] std::optional<double> Utilization() const;

  friend bool operator==(const MemorySample&, const MemorySample&) = default;
};

/// A limit as either version writes it; nothing where there is none. Pure.
[[nodiscard]] common::Result<std::optional<std::uint64_t>> ParseMemoryLimit(std::string_view line);

/// Reads the memory files of `cgroup`, a path below the controller's mount.
///
/// Where the cgroup has gone, it fails in the way that SaysGone knows.
[[nodiscard]] common::Result<MemorySample> ReadMemory(const common::FileSystem& fs,
                                                      const Controller& controller,
                                                      const std::filesystem::path& cgroup);

}  // namespace agent::cgroup

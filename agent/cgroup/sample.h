#pragma once

#include <filesystem>
#include <optional>

#include "agent/cgroup/hierarchies.h"
#include "agent/cgroup/memory.h"
#include "common/file_system.h"
#include "common/result.h"

namespace agent::cgroup {

/// What one cgroup uses. A part that the machine's controllers do not tell is empty.
struct Sample {
  std::optional<double> cpu_seconds = {};
  std::optional<double> throttled_seconds = {};
  std::optional<MemorySample> memory = {};

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// Reads `cgroup`, a path below each controller's mount; nothing where it has gone, which is the
/// ordinary end of a container. Fails where a file makes no sense or must not be read.
[[nodiscard]] common::Result<std::optional<Sample>> ReadSample(const common::FileSystem& fs,
                                                               const Hierarchies& hierarchies,
                                                               const std::filesystem::path& cgroup);

}  // namespace agent::cgroup

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "agent/cgroup/cpu.h"
#include "agent/cgroup/hierarchies.h"
#include "agent/cgroup/memory.h"
#include "common/file_system.h"
#include "common/result.h"

namespace agent::cgroup {

/// A part of the machine that is a node: what it uses, and how much it may. A part that the
/// machine's controllers do not tell is empty, and so is a capacity that nothing limits.
struct SliceSample {
  std::optional<CpuTimes> cpu = {};
  std::optional<double> throttled_seconds = {};
  std::optional<double> cpu_cores = {};
  std::optional<MemorySample> memory = {};
  std::optional<std::uint64_t> memory_bytes = {};  ///< Capacity.

  friend bool operator==(const SliceSample&, const SliceSample&) = default;
};

/// Reads `cgroup`, a path below each controller's mount. Of the limits of the cgroup and those
/// above it the tightest is its capacity: a child may be given more than its parent has, and v1
/// then leaves the child's own quota out. Fails where the cgroup is not there.
[[nodiscard]] common::Result<SliceSample> ReadSlice(const common::FileSystem& fs,
                                                    const Hierarchies& hierarchies,
                                                    const std::filesystem::path& cgroup);

}  // namespace agent::cgroup

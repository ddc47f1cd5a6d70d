#pragma once

#include <filesystem>
#include <optional>

#include "agent/cgroup/hierarchies.h"
#include "common/file_system.h"
#include "common/result.h"

namespace agent::cgroup {

/// CPU time since the cgroup was made.
struct CpuTimes {
  double user_seconds = 0;
  double system_seconds = 0;

  friend bool operator==(const CpuTimes&, const CpuTimes&) = default;
};

/// Reads the CPU time that `cgroup` has used since it was made, in seconds.
///
/// Where the cgroup has gone, this and the next two fail in the way that SaysGone knows.
[[nodiscard]] common::Result<double> ReadCpuSeconds(const common::FileSystem& fs,
                                                    const Controller& controller,
                                                    const std::filesystem::path& cgroup);

/// The same by mode, a hundredth of a second exact in v1.
[[nodiscard]] common::Result<CpuTimes> ReadCpuTimes(const common::FileSystem& fs,
                                                    const Controller& controller,
                                                    const std::filesystem::path& cgroup);

/// Reads the time that `cgroup` had to wait because its quota was spent, in seconds; nothing
/// where v2 has not handed the controller down to it.
[[nodiscard]] common::Result<std::optional<double>> ReadThrottledSeconds(
    const common::FileSystem& fs, const Controller& controller,
    const std::filesystem::path& cgroup);

}  // namespace agent::cgroup

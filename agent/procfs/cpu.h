#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/file_system.h"
#include "common/result.h"

namespace agent::procfs {

/// The names of CpuSample::seconds, in its order, which is that of /proc/stat. Guests are part of
/// "user" and "nice", as the kernel counts them.
inline constexpr std::array<std::string_view, 8> kCpuModes = {"user",   "nice", "system",  "idle",
                                                              "iowait", "irq",  "softirq", "steal"};

/// What all processors of the machine did since it started.
struct CpuSample {
  std::array<double, kCpuModes.size()> seconds{};
  std::uint64_t processors = 0;  ///< That are on line.

  friend bool operator==(const CpuSample&, const CpuSample&) = default;
};

/// Reads the "cpu" lines of /proc/stat. Columns that an old kernel does not have are 0.
[[nodiscard]] common::Result<CpuSample> ParseCpu(std::string_view text);

[[nodiscard]] common::Result<CpuSample> ReadCpu(const common::FileSystem& fs);

}  // namespace agent::procfs

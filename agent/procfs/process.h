#pragma once

#include <cstdint>
#include <string_view>

#include "common/file_system.h"
#include "common/result.h"

namespace agent::procfs {

/// What one process uses; a program reads its own with ReadOwnProcess.
struct ProcessSample {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;

  friend bool operator==(const ProcessSample&, const ProcessSample&) = default;
};

/// Reads /proc/PID/stat. The name in it may hold blanks, brackets and line ends.
[[nodiscard]] common::Result<ProcessSample> ParseProcess(std::string_view stat,
                                                         std::uint64_t page_bytes);

/// Always from this process's own /proc, wherever the machine's is mounted.
[[nodiscard]] common::Result<ProcessSample> ReadOwnProcess();

}  // namespace agent::procfs

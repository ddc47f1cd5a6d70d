#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_system.h"
#include "common/result.h"

namespace agent::procfs {

/// How long tasks waited for one resource since the machine started (PSI).
struct PressureSample {
  std::string resource;     ///< "cpu", "memory" or "io".
  double some_seconds = 0;  ///< At least one task waited.
  /// Every task waited. Old kernels do not say it of the CPU.
  std::optional<double> full_seconds = {};

  friend bool operator==(const PressureSample&, const PressureSample&) = default;
};

/// Reads one file of /proc/pressure.
[[nodiscard]] common::Result<PressureSample> ParsePressure(std::string_view resource,
                                                           std::string_view text);

/// Reads all of /proc/pressure; empty where the kernel keeps none.
[[nodiscard]] common::Result<std::vector<PressureSample>> ReadPressure(
    const common::FileSystem& fs);

}  // namespace agent::procfs

#pragma once

#include <cstdint>
#include <string_view>

#include "common/file_system.h"
#include "common/result.h"

namespace agent::procfs {

/// /proc/loadavg: how many tasks ran or waited, averaged over three spans.
struct LoadSample {
  double one_minute = 0;
  double five_minutes = 0;
  double fifteen_minutes = 0;

  friend bool operator==(const LoadSample&, const LoadSample&) = default;
};

[[nodiscard]] common::Result<LoadSample> ParseLoad(std::string_view text);

[[nodiscard]] common::Result<LoadSample> ReadLoad(const common::FileSystem& fs);

}  // namespace agent::procfs

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/file_system.h"
#include "common/result.h"

namespace agent::procfs {

/// The processes that the kernel killed for want of memory since the machine started, inside
/// cgroups and outside. Nothing where the kernel (before 4.13) does not count them.
[[nodiscard]] std::optional<std::uint64_t> ParseOomKills(std::string_view vmstat);

[[nodiscard]] common::Result<std::optional<std::uint64_t>> ReadOomKills(
    const common::FileSystem& fs);

}  // namespace agent::procfs

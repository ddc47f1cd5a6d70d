#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "common/file_system.h"
#include "common/result.h"

namespace agent::cgroup {

/// Reads one flat-keyed text ("name value" per line), such as memory.stat.
///
/// Pure, so that a fuzzer and a table of cases can reach it without files. An unknown key is not
/// an error, because kernels add keys; a key that is absent yields nothing.
[[nodiscard]] std::optional<std::uint64_t> FindFlatKey(std::string_view text, std::string_view key);

/// Reads a file that holds one number.
[[nodiscard]] common::Result<std::uint64_t> ReadNumber(const common::FileSystem& fs,
                                                       const std::filesystem::path& path);

/// Reads one key of a flat-keyed file; bad_message where it is not there.
[[nodiscard]] common::Result<std::uint64_t> ReadFlatKey(const common::FileSystem& fs,
                                                        const std::filesystem::path& path,
                                                        std::string_view key);

/// True where a read failed because the cgroup has gone: no such file, or, for one that was
/// removed while it was open, no such device. The ordinary end of a container, and no fault.
[[nodiscard]] bool SaysGone(const common::Error& error);

}  // namespace agent::cgroup

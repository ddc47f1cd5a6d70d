#pragma once

#include <filesystem>
#include <vector>

namespace agent::requests {

/// Rotated files of `log` beside it: its name with '.' or '-' and digits after it ("log.1",
/// "log-20260131"), but nothing compressed. Newest first, at most 256.
[[nodiscard]] std::vector<std::filesystem::path> RotatedFiles(const std::filesystem::path& log);

}  // namespace agent::requests

#pragma once

#include <filesystem>
#include <vector>

namespace agent::requests {

/// Where rotated files of `log` are beside it: its name with '.' or '-' and digits after it
/// ("log.1", "log-20260131"), but nothing compressed. Newest first, at most 256; and the names that
/// a rotation may be about to give them, which may be nobody's.
[[nodiscard]] std::vector<std::filesystem::path> RotatedFiles(const std::filesystem::path& log);

}  // namespace agent::requests

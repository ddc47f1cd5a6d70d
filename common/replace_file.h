#pragma once

#include <filesystem>
#include <string_view>

#include "common/result.h"

namespace common {

/// What a file must survive once it is written. The machine's end costs a wait for the disk.
enum class Survives { kOurEnd, kTheMachinesEnd };

/// Puts `content` in the place of `path`: a reader sees the old file or the new one, whole. On
/// failure the old one stays. Readable by its owner alone. One writer at a time for one path.
[[nodiscard]] Result<void> ReplaceFile(const std::filesystem::path& path, std::string_view content,
                                       Survives survives = Survives::kTheMachinesEnd);

/// Makes names in `directory` durable: a new file, a rename. Not every file system can do it; then
/// there is no more to do.
void SyncDirectory(const std::filesystem::path& directory);

/// Writes all of `content` to `fd`, whatever the kernel takes at once. `subject` names it in
/// errors.
[[nodiscard]] Result<void> WriteAll(int fd, std::string_view content, const std::string& subject);

}  // namespace common

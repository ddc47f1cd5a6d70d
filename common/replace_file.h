#pragma once

#include <filesystem>
#include <string_view>

#include "common/result.h"

namespace common {

/// Puts `content` in the place of `path`: a reader sees the old file or the new one, whole, and
/// the new one survives a crash once this has returned. On failure the old one stays.
///
/// `mode` are the permissions of a new file. One writer at a time for one path.
[[nodiscard]] Result<void> ReplaceFile(const std::filesystem::path& path, std::string_view content,
                                       unsigned mode = 0644);

/// Writes all of `content` to `fd`, whatever the kernel takes at once. `subject` names it in
/// errors.
[[nodiscard]] Result<void> WriteAll(int fd, std::string_view content, const std::string& subject);

}  // namespace common

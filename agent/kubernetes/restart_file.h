#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "agent/kubernetes/restart_book.h"
#include "common/result.h"

namespace agent::kubernetes {

[[nodiscard]] std::string Encode(const SavedRestarts& saved);

/// bad_message where it is not as Encode writes it.
[[nodiscard]] common::Result<SavedRestarts> DecodeRestarts(std::string_view json);

/// Reads what was saved; a file that is not there is the state of a first start, and so is one
/// that makes no sense, which is reported and replaced. Fails where it cannot be read.
[[nodiscard]] common::Result<SavedRestarts> LoadRestarts(const std::filesystem::path& path);

/// Replaces the file atomically.
[[nodiscard]] common::Result<void> SaveRestarts(const std::filesystem::path& path,
                                                const SavedRestarts& saved);

}  // namespace agent::kubernetes

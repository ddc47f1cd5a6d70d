#pragma once

#include <filesystem>

#include "common/result.h"
#include "common/unique_fd.h"

namespace common::lifecycle {

/// The file that has this name while the lock is held, and not one that it had before. Private to
/// this folder.
///
/// `flags` are those of open(2). One at a time holds the lock: of two that append, the second
/// would take the first one's half line for one that a full disk left. It goes with the descriptor.
[[nodiscard]] Result<UniqueFd> OpenLocked(const std::filesystem::path& file, int flags);

}  // namespace common::lifecycle

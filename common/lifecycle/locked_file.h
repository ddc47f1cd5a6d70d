#pragma once

#include <filesystem>

#include "common/result.h"
#include "common/unique_fd.h"

namespace common::lifecycle {

enum class Lock {
  kShared,    ///< For appending: there may be many.
  kExclusive  ///< For putting another file in its place.
};

/// The file that has this name while the lock is held, and not one that it had before. Private to
/// this folder.
///
/// `flags` are those of open(2). The lock goes with the descriptor.
[[nodiscard]] Result<UniqueFd> OpenLocked(const std::filesystem::path& file, int flags, Lock lock);

}  // namespace common::lifecycle

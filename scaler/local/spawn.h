#pragma once

#include <sys/types.h>

#include <filesystem>

#include "common/result.h"
#include "common/unique_fd.h"

namespace scaler::local {

/// Opens (makes) `file` and locks it; resource_unavailable_try_again while somebody else does.
[[nodiscard]] common::Result<common::UniqueFd> Lock(const std::filesystem::path& file);

/// Starts `shim` on `launch` in a session of its own, with `lock` at kLockDescriptor and nothing
/// else of ours: standard input is empty, its own messages go to `log`. The process is our child,
/// to be reaped by Watch.
[[nodiscard]] common::Result<pid_t> SpawnShim(const std::filesystem::path& shim,
                                              const std::filesystem::path& launch,
                                              const std::filesystem::path& log, int lock);

/// A descriptor that becomes readable when the process ends.
[[nodiscard]] common::Result<common::UniqueFd> OpenProcess(pid_t pid);

}  // namespace scaler::local

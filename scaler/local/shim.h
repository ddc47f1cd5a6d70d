#pragma once

#include "common/result.h"
#include "scaler/local/replica_files.h"

namespace scaler::local {

/// The descriptor at which a shim finds its lock file, open and locked by who started it. The
/// lock is held until the shim has ended, however it ends, and so tells whether it lives.
inline constexpr int kLockDescriptor = 3;

/// Runs one replica from its start to the removal of its cgroup; returns when all of it is
/// written down.
///
/// The whole life of a shim process: it must have one thread and no children. SIGTERM asks the
/// replica to end because it is scaled down, SIGUSR1 because its health check failed; the first
/// one counts. Either sends SIGTERM to the replica's process group, and SIGKILL after its grace
/// period. Fails where the end could not be recorded.
[[nodiscard]] common::Result<void> RunShim(const Launch& launch);

}  // namespace scaler::local

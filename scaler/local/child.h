#pragma once

#include <sys/types.h>

#include "common/result.h"
#include "scaler/local/cgroups.h"
#include "scaler/local/replica_files.h"

namespace scaler::local {

/// The first process of a replica, leader of a process group of its own.
struct Child {
  pid_t pid = 0;
  int output = -1;  ///< Reads what it prints; without blocking. The caller closes it.
};

/// Forks and execs the launch's command in its cgroup (if `cgroups` is given), with the signals
/// that the shim blocks open again. A command that cannot be executed prints why and exits with
/// 127 (not found) or 126, as in a shell. The child dies with its parent.
[[nodiscard]] common::Result<Child> StartChild(const Launch& launch, const Cgroups* cgroups);

}  // namespace scaler::local

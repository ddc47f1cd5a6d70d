#pragma once

#include <optional>

#include "common/lifecycle/record.h"

namespace scaler::local {

/// What the platform had asked of a replica before it ended.
enum class Asked { kNothing, kScaleDown, kHealthCheck };

/// What wait() told; exactly one of the two is there.
struct ExitStatus {
  std::optional<int> exit_code;
  std::optional<int> signal;

  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

/// From waitpid's status of a process that has ended.
[[nodiscard]] ExitStatus FromWaitStatus(int status);

/// Why a replica ended. `oom_kills_rose`: the kernel killed something in its cgroup for memory.
///
/// What was asked for wins. A process whose child was killed for memory and that then gave up by
/// itself is an application's error: it had the choice.
[[nodiscard]] common::lifecycle::EndReason Classify(Asked asked, const ExitStatus& status,
                                                    bool oom_kills_rose);

}  // namespace scaler::local

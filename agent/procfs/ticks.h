#pragma once

namespace agent::procfs {

/// USER_HZ: part of the kernel's interface and 100 on every Linux that we can run on.
inline constexpr double kTicksPerSecond = 100;

}  // namespace agent::procfs

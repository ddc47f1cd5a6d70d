#pragma once

#include <sys/types.h>

namespace bench {

/// What a process has taken so far.
struct Taken {
  double cpu_seconds = 0;  ///< Of all its threads, in user and kernel mode.
  double rss_mib = 0;      ///< Now.
  double peak_mib = 0;     ///< The most that it ever was.
};

/// Throws std::runtime_error where there is no such process.
[[nodiscard]] Taken TakenBy(pid_t process);

/// How much the machine has to do beside us, in running threads over the last minute.
[[nodiscard]] double LoadAverage();

}  // namespace bench

#include "common/clock.h"

#include <fmt/chrono.h>

namespace common {

std::string FormatRfc3339(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (time - seconds).count());
}

WallTime SystemClock::Wall() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

MonotonicTime SystemClock::Monotonic() const { return std::chrono::steady_clock::now(); }

}  // namespace common

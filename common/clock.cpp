#include "common/clock.h"

namespace common {

WallTime SystemClock::Wall() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

MonotonicTime SystemClock::Monotonic() const { return std::chrono::steady_clock::now(); }

}  // namespace common

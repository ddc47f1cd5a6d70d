#pragma once

#include <chrono>
#include <string>

namespace common {

/// Time as people and Prometheus have it; it may jump.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// CLOCK_MONOTONIC: the same in every process of one machine, and it never jumps.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

/// "2026-11-21T03:10:12.345Z".
[[nodiscard]] std::string FormatRfc3339(WallTime time);

/// The only way for loops to know the time, so that a simulation can own it.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual WallTime Wall() const = 0;
  [[nodiscard]] virtual MonotonicTime Monotonic() const = 0;
};

/// The machine's clocks. For main functions and thin edges only.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime Wall() const override;
  [[nodiscard]] MonotonicTime Monotonic() const override;
};

}  // namespace common

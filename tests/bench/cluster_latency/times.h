#pragma once

#include <chrono>

#include "common/clock.h"

namespace cluster::latency {

/// A time that another program of this host has noted by the wall clock, by the monotonic one. It
/// is off by as much as the wall clock was set since then. To be called soon.
template <typename Duration>
[[nodiscard]] common::MonotonicTime MonotonicOf(
    std::chrono::time_point<std::chrono::system_clock, Duration> wall) {
  const auto ago = std::chrono::system_clock::now() - wall;
  return std::chrono::time_point_cast<common::MonotonicTime::duration>(
      std::chrono::steady_clock::now() - ago);
}

[[nodiscard]] inline double Seconds(common::MonotonicTime from, common::MonotonicTime to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace cluster::latency

#pragma once

#include <chrono>

#include "common/clock.h"

namespace tests {

/// A clock that moves when a test says so. Not thread-safe.
class ManualClock final : public common::Clock {
 public:
  [[nodiscard]] common::WallTime Wall() const override { return wall_; }
  [[nodiscard]] common::MonotonicTime Monotonic() const override { return monotonic_; }

  void Advance(std::chrono::milliseconds by) {
    wall_ += by;
    monotonic_ += by;
  }

 private:
  common::WallTime wall_{std::chrono::milliseconds(1'700'000'000'000)};
  common::MonotonicTime monotonic_{std::chrono::seconds(1000)};
};

}  // namespace tests

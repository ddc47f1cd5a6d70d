#pragma once

#include <algorithm>

#include "common/clock.h"
#include "scaler/engine/policy.h"
#include "scaler/signals/signals.h"

namespace scaler::loop {

/// The engine's time: begins at the wall clock, then goes with the monotonic one, so that a jump
/// of the wall clock neither empties nor freezes a stabilization window.
class EngineClock {
 public:
  /// `not_before`: the latest time that a stored state has seen; engine time never goes back, not
  /// over a restart either.
  EngineClock(const common::Clock& clock, engine::Time not_before)
      : clock_(clock),
        start_(std::max(engine::Time(clock.Wall()), not_before)),
        monotonic_start_(std::chrono::floor<engine::Duration>(clock.Monotonic())) {}

  /// Time goes on from `at`, where it has not come so far yet.
  void NotBefore(engine::Time at) { start_ += std::max(at - Now().engine_now, engine::Duration{}); }

  [[nodiscard]] signals::TimeMap Now() const {
    const auto monotonic = clock_.Monotonic();
    const auto elapsed = std::chrono::floor<engine::Duration>(monotonic) - monotonic_start_;
    return {start_ + elapsed, monotonic};
  }

 private:
  const common::Clock& clock_;
  engine::Time start_;
  std::chrono::time_point<std::chrono::steady_clock, engine::Duration> monotonic_start_;
};

}  // namespace scaler::loop

#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "common/clock.h"

namespace common {

/// A pending call; destroying (or resetting) the handle cancels it.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer() = default;
};

/// Where a loop runs: one thread, one queue of calls, one notion of time.
///
/// Production runs on IoLoop (Asio); a simulation on a virtual clock that jumps
/// from one pending call to the next. Everything but Post belongs to the
/// executor's own thread.
class Executor : public Clock {
 public:
  /// Calls `call` soon, after the current call has returned. Thread-safe.
  virtual void Post(std::function<void()> call) = 0;

  /// Calls `call` once after `delay` of monotonic time, unless the handle dies first.
  [[nodiscard]] virtual std::unique_ptr<Timer> After(std::chrono::milliseconds delay,
                                                     std::function<void()> call) = 0;
};

}  // namespace common

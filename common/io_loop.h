#pragma once

#include <memory>

#include "common/executor.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace common {

/// The executor of production: one Asio io_context, run by one thread.
class IoLoop final : public Executor {
 public:
  IoLoop();
  ~IoLoop() override;

  [[nodiscard]] WallTime Wall() const override;
  [[nodiscard]] MonotonicTime Monotonic() const override;
  void Post(std::function<void()> call) override;
  [[nodiscard]] std::unique_ptr<Timer> After(std::chrono::milliseconds delay,
                                             std::function<void()> call) override;

  /// Runs until Stop. An exception that escapes a call escapes here.
  void Run();

  /// Makes Run return after the current call. Thread-safe.
  void Stop();

  /// Calls `call` with the number on each SIGINT and SIGTERM from now on.
  void OnTerminationSignal(std::function<void(int)> call);

  /// For adapters that do their own asynchronous I/O on this loop.
  [[nodiscard]] boost::asio::io_context& Context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace common

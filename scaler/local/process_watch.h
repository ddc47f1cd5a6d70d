#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>

#include "common/result.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace scaler::local {

/// Waits for the end of a process, ours or not, and reaps it if it is our child.
///
/// Belongs to the loop's thread. Destroying it ends the watch, not the process.
class ProcessWatch {
 public:
  /// `ended` is called once, from the loop. no_such_process where it has gone already.
  [[nodiscard]] static common::Result<std::unique_ptr<ProcessWatch>> Open(
      boost::asio::io_context& context, pid_t pid, std::function<void()> ended);

  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;
  ~ProcessWatch();

  /// Sends a signal to that very process, never to a later one with its pid.
  [[nodiscard]] common::Result<void> Signal(int number) const;

 private:
  class Impl;
  explicit ProcessWatch(std::shared_ptr<Impl> impl);

  std::shared_ptr<Impl> impl_;
};

}  // namespace scaler::local

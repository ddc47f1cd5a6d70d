#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "common/result.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace common::haproxy {

/// Talks to HAProxy's runtime socket without blocking the loop.
///
/// One command at a time, in the order in which they were asked for, each on a connection of its
/// own (HAProxy closes it after the answer). Belongs to the thread of the io_context.
class RuntimeClient {
 public:
  using Done = std::function<void(Result<std::string>)>;

  /// At most this many commands wait; what comes beyond fails with no_buffer_space.
  static constexpr std::size_t kLongestQueue = 4096;

  RuntimeClient(boost::asio::io_context& context, std::filesystem::path socket);
  RuntimeClient(const RuntimeClient&) = delete;
  RuntimeClient& operator=(const RuntimeClient&) = delete;
  /// Forgets what waits: no callback runs any more.
  ~RuntimeClient();

  /// Asks `command` (one line without its end; commands joined by ';' are several).
  ///
  /// `done` gets the whole answer, or timed_out when `deadline` has passed since the command was
  /// begun, message_size above kLongestAnswer, else the failure of the socket. Never called from
  /// within Execute.
  void Execute(std::string command, std::chrono::milliseconds deadline, Done done);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace common::haproxy

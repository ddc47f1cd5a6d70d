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

namespace scaler::local::cloud {

struct UnixAnswer {
  int status = 0;
  std::string body;
};

/// A question under way; its end takes it back, and then nothing is called.
class UnixCall {
 public:
  UnixCall() = default;
  UnixCall(const UnixCall&) = delete;
  UnixCall& operator=(const UnixCall&) = delete;
  virtual ~UnixCall() = default;
};

/// Asks the HTTP server on a Unix socket. `done` is called once, from the loop and not before this
/// returns, after `deadline` at the latest. Fails with no_such_file_or_directory or
/// connection_refused (nobody serves it), timed_out, connection_reset, message_size.
[[nodiscard]] std::unique_ptr<UnixCall> CallUnix(
    boost::asio::io_context& context, const std::filesystem::path& socket,
    const std::string& method, const std::string& target, const std::string& body,
    std::chrono::milliseconds deadline, std::function<void(common::Result<UnixAnswer>)> done);

}  // namespace scaler::local::cloud

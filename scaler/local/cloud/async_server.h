#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "common/result.h"
#include "exporters/http_handler.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace scaler::local::cloud {

/// Takes the answer; once, at any time, also when the asker has gone.
using Reply = std::function<void(exporters::HttpResponse)>;

using AsyncHandler = std::function<void(const exporters::HttpRequest& request, Reply reply)>;

/// An HTTP server of the loop's own thread, whose handlers may answer later: long polls cost no
/// thread. Bounded in connections, and in the time and size of requests.
///
/// Belongs to the loop's thread. Its end closes its connections.
class AsyncServer {
 public:
  class Impl;

  /// On a socket that its owner alone may use. One that nobody serves any more is replaced.
  /// Fails with address_in_use, filename_too_long.
  [[nodiscard]] static common::Result<std::unique_ptr<AsyncServer>> ListenUnix(
      boost::asio::io_context& context, const std::filesystem::path& socket, AsyncHandler handler);

  /// On 127.0.0.1. Fails with address_in_use.
  [[nodiscard]] static common::Result<std::unique_ptr<AsyncServer>> ListenLoopback(
      boost::asio::io_context& context, int port, AsyncHandler handler);

  AsyncServer(const AsyncServer&) = delete;
  AsyncServer& operator=(const AsyncServer&) = delete;
  ~AsyncServer();

  [[nodiscard]] int Port() const;  ///< 0 for a Unix socket.

 private:
  explicit AsyncServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace scaler::local::cloud

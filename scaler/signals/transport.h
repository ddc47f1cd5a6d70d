#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/result.h"

namespace scaler::signals {

/// An open stream of bytes; destroying it closes it, and nothing is called afterwards.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;
};

/// How to reach an agent: HTTP in production, a function call in a simulation.
class StreamTransport {
 public:
  StreamTransport() = default;
  StreamTransport(const StreamTransport&) = delete;
  StreamTransport& operator=(const StreamTransport&) = delete;
  virtual ~StreamTransport() = default;

  /// Dials `address` ("host:port"). `on_bytes` gets what comes, in order; `on_end` is called once,
  /// when the stream could not be opened or has ended, and is the last call. Neither is called
  /// before Open returns. A callback must not destroy its own stream.
  [[nodiscard]] virtual std::unique_ptr<Stream> Open(
      const std::string& address, std::function<void(std::string_view)> on_bytes,
      std::function<void(const common::Error&)> on_end) = 0;
};

}  // namespace scaler::signals

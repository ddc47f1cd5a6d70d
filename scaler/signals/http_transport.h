#pragma once

#include <memory>

#include "scaler/signals/transport.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace scaler::signals {

/// Streams over plain HTTP: GET /signals of an agent, answered for ever.
class HttpTransport final : public StreamTransport {
 public:
  explicit HttpTransport(boost::asio::io_context& context) : context_(context) {}

  [[nodiscard]] std::unique_ptr<Stream> Open(
      const std::string& address, std::function<void(std::string_view)> on_bytes,
      std::function<void(const common::Error&)> on_end) override;

 private:
  boost::asio::io_context& context_;
};

}  // namespace scaler::signals

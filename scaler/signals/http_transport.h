#pragma once

#include <memory>
#include <utility>

#include "common/http/credentials.h"
#include "scaler/signals/transport.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace scaler::signals {

/// Streams over HTTP: GET /signals of an agent, answered for ever.
class HttpTransport final : public StreamTransport {
 public:
  /// An address is understood as `credentials` understand it: "https://host:port" is spoken to
  /// over TLS. Without any the system's authorities are believed and no token is sent.
  explicit HttpTransport(boost::asio::io_context& context,
                         std::shared_ptr<common::http::Credentials> credentials = nullptr)
      : context_(context), credentials_(std::move(credentials)) {}

  [[nodiscard]] std::unique_ptr<Stream> Open(
      const std::string& address, std::function<void(std::string_view)> on_bytes,
      std::function<void(const common::Error&)> on_end) override;

 private:
  [[nodiscard]] common::Result<void> ReadyCredentials();

  boost::asio::io_context& context_;
  std::shared_ptr<common::http::Credentials> credentials_;
};

}  // namespace scaler::signals

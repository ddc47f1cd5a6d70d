#pragma once

#include <cstddef>
#include <memory>

#include "common/kubernetes/access.h"
#include "common/kubernetes/transport.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace common::kubernetes {

/// HTTP/1.1 over TLS (or plain, for kubectl proxy), over connections that are kept and used again.
///
/// The one that has been idle for longest is used next. What gets no answer until it is given up
/// takes those with it that have been silent as long: what lies between may have forgotten them.
///
/// Certificates are read again when their files change; open connections keep theirs. Connecting
/// takes at most ten seconds; what comes after it has no deadline here. Calls may outlive it, and
/// then end with operation_canceled.
class HttpsTransport final : public Transport {
 public:
  /// Fails as tls::OpenClientContext does. `access` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<HttpsTransport>> Open(
      boost::asio::io_context& context, const Access& access);
  ~HttpsTransport() override;

  /// From now on so many connections (8 at most) stand ready beside those that carry something:
  /// opened before they are needed, and replaced within a second or two where the server closes
  /// one. What is not urgent leaves half of them to what is.
  void KeepReady(std::size_t count);

  /// So many that are open carry nothing now.
  [[nodiscard]] std::size_t Ready() const;

  [[nodiscard]] std::unique_ptr<WireCall> Start(WireRequest request, WireEvents events) override;

 private:
  class Pool;
  explicit HttpsTransport(std::shared_ptr<Pool> pool);

  std::shared_ptr<Pool> pool_;
};

}  // namespace common::kubernetes

#pragma once

#include <functional>
#include <memory>

#include "common/kubernetes/access.h"
#include "common/kubernetes/transport.h"
#include "common/tls/context.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace common::kubernetes {

/// One connection to an API server, which carries one request after the other. What is under way
/// keeps it alive. Belongs to the thread of its io_context.
class KeptConnection {
 public:
  KeptConnection() = default;
  KeptConnection(const KeptConnection&) = delete;
  KeptConnection& operator=(const KeptConnection&) = delete;
  virtual ~KeptConnection() = default;

  /// Connects where it is not connected yet, and carries the request. `reusable` says, at the end,
  /// that it may carry another.
  virtual void Carry(const WireRequest& request, WireEvents events,
                     std::function<void()> reusable) = 0;
  /// Connects, without a request. `ready` is called once, unless it is closed before.
  virtual void Prepare(std::function<void(Result<void>)> ready) = 0;
  /// Gives up what it carries and calls nobody any more.
  virtual void Close() = 0;
  /// The other side has not hung up while nothing was carried, as far as can be seen.
  [[nodiscard]] virtual bool IsAlive() = 0;
};

/// Not connected yet. `tls` is for a server that speaks it, and may be null else.
[[nodiscard]] Result<std::shared_ptr<KeptConnection>> MakeConnection(
    boost::asio::io_context& context, const Access& access, tls::ReloadingContext* tls);

}  // namespace common::kubernetes

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/http/client.h"
#include "common/result.h"

namespace common::kubernetes {

/// One request as it goes over the wire.
struct WireRequest {
  std::string method;
  std::string target;  ///< "/api/v1/pods?limit=500".
  http::Headers headers;
  std::string body;
  bool urgent = false;  ///< It may have what is kept ready for such; others leave some of it.
};

/// What becomes of a request. None is called before Start has returned, nor after the call has been
/// destroyed; on_end is the last and comes once.
struct WireEvents {
  std::function<void(int status, const http::Headers& headers)> on_head;
  std::function<void(std::string_view bytes)> on_bytes;
  /// A failure says that the answer did not come, or not whole.
  std::function<void(Result<void>)> on_end;
  /// The system has taken the whole request; `kept`: over a connection that was open before.
  std::function<void(bool kept)> on_sent = {};
};

/// A request under way; destroying it gives it up. It may be destroyed by its own events.
class WireCall {
 public:
  WireCall() = default;
  WireCall(const WireCall&) = delete;
  WireCall& operator=(const WireCall&) = delete;
  virtual ~WireCall() = default;
};

/// Carries requests to one API server: over TLS, or in a simulation. Belongs to one thread.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  [[nodiscard]] virtual std::unique_ptr<WireCall> Start(WireRequest request, WireEvents events) = 0;
};

}  // namespace common::kubernetes

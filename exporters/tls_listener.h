#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "common/result.h"
#include "common/tls/context.h"
#include "exporters/listener.h"
#include "exporters/router.h"
#include "exporters/server.h"

namespace exporters {

/// What a peer may take of us. Each time bounds one step; a peer that takes longer is cut off.
struct TlsLimits {
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds request{10'000};  ///< From its first byte to its last.
  std::chrono::milliseconds idle{75'000};     ///< Longer than a usual scrape interval.
  std::chrono::milliseconds answer{60'000};
  std::chrono::milliseconds stream_write{15'000};
  std::chrono::milliseconds farewell{2'000};  ///< To say goodbye in, once an answer is out.
  /// Of one more, the one that has been waiting for longest without a request is closed.
  std::size_t connections = 256;
};

/// Serves HTTP/1.1 over TLS with Beast. Two threads move bytes, four run handlers, and each of
/// kMostStreams streams has one.
[[nodiscard]] common::Result<std::unique_ptr<Listener>> ListenTls(
    const ListenAddress& address, Router router,
    std::unique_ptr<common::tls::ReloadingContext> context, const TlsLimits& limits = {});

}  // namespace exporters

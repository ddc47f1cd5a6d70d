#pragma once

#include <memory>

#include "common/result.h"
#include "exporters/listener.h"
#include "exporters/router.h"
#include "exporters/server.h"

namespace exporters {

/// Serves plain HTTP with civetweb, over IPv4 only. Whether `address` may be served without TLS
/// is its caller's question.
[[nodiscard]] common::Result<std::unique_ptr<Listener>> ListenPlain(const ListenAddress& address,
                                                                    Router router);

}  // namespace exporters

#pragma once

#include <sys/socket.h>

#include <string>

#include "common/result.h"
#include "common/unique_fd.h"
#include "exporters/server.h"

namespace exporters {

/// "127.0.0.1:9100", "[::1]:9100".
[[nodiscard]] std::string ToText(const ListenAddress& address);

/// True if only this machine can reach it: 127.0.0.0/8, ::1, localhost.
[[nodiscard]] bool IsLoopback(const ListenAddress& address);

/// A TCP socket that does not block, is not inherited and is bound to `address`, whose host is a
/// numeric address, "localhost" or empty (every address of this machine, IPv6 included where
/// there is IPv6). Fails with address_in_use or invalid_argument, in words that name the address.
[[nodiscard]] common::Result<common::UniqueFd> Bind(const ListenAddress& address);

/// The port that the kernel chose for port 0.
[[nodiscard]] common::Result<std::uint16_t> BoundPort(int socket);

}  // namespace exporters

#pragma once

#include <string>

#include "common/result.h"

namespace common::http {

/// Where a server is, and whether it is spoken to over TLS.
struct Address {
  bool tls = false;
  std::string host;  ///< Without brackets.
  std::string port;  ///< From 1 to 65535.
};

/// "http://host:port" without TLS, "https://host:port" with, "host:port" as `tls_by_default` says.
/// With a scheme the port may be left out (80, 443) and a slash may end it. IPv6 in brackets.
/// Fails with invalid_argument.
[[nodiscard]] Result<Address> ParseAddress(const std::string& text, bool tls_by_default = false);

/// "host:port", with the brackets of IPv6: what a Host header says.
[[nodiscard]] std::string Authority(const Address& address);

/// True where nobody but this machine hears what is said: 127.0.0.0/8, ::1, localhost.
[[nodiscard]] bool IsLoopback(const Address& address);

}  // namespace common::http

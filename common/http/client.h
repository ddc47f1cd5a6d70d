#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "common/result.h"

namespace common::http {

/// Header names of answers are lower case; of several equal names the last one counts.
using Headers = std::map<std::string, std::string>;

/// An answer, whatever its status: a 500 is no failure of the exchange.
struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

/// A longer body is refused with message_size.
inline constexpr std::size_t kLargestBodyBytes = 64U << 20U;

/// Asks for `target` ("/metrics?x=1") at `address` ("127.0.0.1:9100", "[::1]:9100", "host:80"),
/// over a connection of its own, and waits for the answer.
///
/// `deadline` bounds everything, from connecting to the last byte. Fails with connection_refused,
/// timed_out, connection_reset, message_size, bad_message (no HTTP), invalid_argument (the
/// address); the words name the address. Any thread; blocks the caller.
[[nodiscard]] Result<Response> Get(const std::string& address, const std::string& target,
                                   std::chrono::milliseconds deadline, const Headers& headers = {});

/// As Get, but sends `body` with POST.
[[nodiscard]] Result<Response> Post(const std::string& address, const std::string& target,
                                    const std::string& content_type, const std::string& body,
                                    std::chrono::milliseconds deadline,
                                    const Headers& headers = {});

/// `text` as one value of a query: all but letters, digits and "-._~" in percent form.
[[nodiscard]] std::string EscapeQuery(std::string_view text);

}  // namespace common::http

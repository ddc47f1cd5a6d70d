#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/http/credentials.h"
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

/// Asks servers, each time over a connection of its own.
///
/// An address is "https://host:port" for TLS, "http://host:port" without it, or "host:port" for
/// TLS where the options say something about TLS. A server's certificate and name are checked. A
/// token goes over TLS or to loopback only. Any thread; a call blocks its caller.
class Client {
 public:
  explicit Client(std::shared_ptr<Credentials> credentials);

  /// Asks for `target` ("/metrics?x=1") at `address` and waits for the answer.
  ///
  /// `deadline` bounds everything, from connecting to the last byte. Fails with
  /// connection_refused, timed_out, connection_reset, message_size, bad_message (no HTTP),
  /// protocol_error (no TLS, or a server that is not to be trusted), invalid_argument (the
  /// address), permission_denied (a token would go in the clear); the words name the address.
  [[nodiscard]] Result<Response> Get(const std::string& address, const std::string& target,
                                     std::chrono::milliseconds deadline,
                                     const Headers& headers = {}) const;

  /// As Get, with any method ("POST", "DELETE") and a body.
  [[nodiscard]] Result<Response> Send(const std::string& method, const std::string& address,
                                      const std::string& target, const std::string& body,
                                      std::chrono::milliseconds deadline,
                                      const Headers& headers = {}) const;

 private:
  std::shared_ptr<Credentials> credentials_;
};

/// As Client::Get with credentials that were opened without options.
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

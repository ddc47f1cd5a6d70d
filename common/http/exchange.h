#pragma once

#include <chrono>
#include <string>

#include "common/http/address.h"
#include "common/http/client.h"
#include "common/result.h"
#include "common/tls/context.h"

namespace common::http {

struct Question {
  std::string method;
  std::string target;
  std::string body = {};
  Headers headers = {};
  std::size_t largest_body = kLargestBodyBytes;  ///< A longer answer is refused.
};

/// One request and its answer on a connection that lives no longer than they. With an address
/// that wants TLS, `context` is what the connection begins with.
[[nodiscard]] Result<Response> Ask(const Address& address, const Question& question,
                                   std::chrono::milliseconds deadline, const tls::Context& context,
                                   const tls::ClientFiles& files);

}  // namespace common::http

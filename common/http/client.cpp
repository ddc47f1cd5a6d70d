#include "common/http/client.h"

#include <cctype>
#include <utility>

#include "common/http/exchange.h"

namespace common::http {
namespace {

/// The one that needs no files.
Result<Client> DefaultClient() {
  static const auto credentials = Credentials::Open({});
  return credentials.map([](const auto& opened) { return Client(opened); });
}

}  // namespace

Client::Client(std::shared_ptr<Credentials> credentials) : credentials_(std::move(credentials)) {}

Result<Response> Client::Get(const std::string& address, const std::string& target,
                             std::chrono::milliseconds deadline, const Headers& headers) const {
  return Send("GET", address, target, {}, deadline, headers);
}

Result<Response> Client::Send(const std::string& method, const std::string& address,
                              const std::string& target, const std::string& body,
                              std::chrono::milliseconds deadline, const Headers& headers) const {
  return credentials_->ParseAddress(address).and_then([&](const Address& parsed) {
    return credentials_->AuthorizationFor(parsed).and_then([&](const std::string& authorization) {
      Question question{.method = method, .target = target, .body = body, .headers = headers};
      if (!authorization.empty()) {
        question.headers.insert_or_assign("Authorization", authorization);
      }
      return Ask(parsed, question, deadline, parsed.tls ? credentials_->TlsContext() : nullptr,
                 credentials_->Tls());
    });
  });
}

Result<Response> Get(const std::string& address, const std::string& target,
                     std::chrono::milliseconds deadline, const Headers& headers) {
  return DefaultClient().and_then(
      [&](const Client& client) { return client.Get(address, target, deadline, headers); });
}

Result<Response> Post(const std::string& address, const std::string& target,
                      const std::string& content_type, const std::string& body,
                      std::chrono::milliseconds deadline, const Headers& headers) {
  auto all = headers;
  all.insert_or_assign("Content-Type", content_type);
  return DefaultClient().and_then([&](const Client& client) {
    return client.Send("POST", address, target, body, deadline, all);
  });
}

std::string EscapeQuery(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved = "-._~";
  std::string escaped;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool alphanumeric = byte < 0x80 && std::isalnum(byte) != 0;
    if (alphanumeric || kUnreserved.find(letter) != std::string_view::npos) {
      escaped += letter;
    } else {
      escaped += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return escaped;
}

}  // namespace common::http

#include "exporters/server.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "common/tls/context.h"
#include "common/tls/tokens.h"
#include "exporters/bind.h"
#include "exporters/guard.h"
#include "exporters/plain_listener.h"
#include "exporters/router.h"
#include "exporters/tls_listener.h"

namespace exporters {
namespace {

using common::Result;

bool WantsTls(const ServerSecurity& security) {
  return !security.certificate_file.empty() || !security.key_file.empty();
}

bool KnowsItsClients(const ServerSecurity& security) {
  return !security.token_file.empty() || !security.client_ca_file.empty();
}

/// What has to be given before a port beyond loopback is opened; empty if nothing.
std::string_view Missing(const ServerSecurity& security) {
  if (!WantsTls(security)) {
    return KnowsItsClients(security)
               ? "TLS (--tls-cert and --tls-key)"
               : "TLS (--tls-cert and --tls-key) and a proof of who asks (--token-file or "
                 "--tls-client-ca)";
  }
  return KnowsItsClients(security) ? "" : "a proof of who asks (--token-file or --tls-client-ca)";
}

Result<void> CheckSecurity(const ListenAddress& address, const ServerSecurity& security) {
  if (security.certificate_file.empty() != security.key_file.empty()) {
    return common::Fail(std::errc::invalid_argument,
                        "--tls-cert and --tls-key belong together: give both or neither");
  }
  if (!security.client_ca_file.empty() && !WantsTls(security)) {
    return common::Fail(std::errc::invalid_argument,
                        "--tls-client-ca needs TLS: give --tls-cert and --tls-key, too");
  }
  const auto missing = Missing(security);
  if (IsLoopback(address) || security.insecure_beyond_loopback || missing.empty()) {
    return {};
  }
  return common::Fail(
      std::errc::permission_denied,
      fmt::format("cannot listen on {}: a port beyond loopback needs {}; give that, or listen on "
                  "127.0.0.1:{}, or open it to everybody with --insecure-listen",
                  ToText(address), missing, address.port));
}

/// Null where everybody may ask.
Result<std::unique_ptr<const Guard>> MakeGuard(const ServerSecurity& security) {
  const bool wants_certificate = !security.client_ca_file.empty();
  if (security.token_file.empty()) {
    return wants_certificate ? std::make_unique<const Guard>(nullptr, true) : nullptr;
  }
  return common::tls::OpenTokens(security.token_file).map([&](auto tokens) {
    return std::make_unique<const Guard>(std::move(tokens), wants_certificate);
  });
}

Result<std::unique_ptr<Listener>> Listen(const ListenAddress& address, Router router,
                                         const ServerSecurity& security) {
  if (!WantsTls(security)) {
    return ListenPlain(address, std::move(router));
  }
  return common::tls::OpenServerContext({.certificate = security.certificate_file,
                                         .key = security.key_file,
                                         .client_ca = security.client_ca_file})
      .and_then(
          [&](auto context) { return ListenTls(address, std::move(router), std::move(context)); });
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const ListenAddress& address, Routes routes,
                                              const ServerSecurity& security) {
  return CheckSecurity(address, security)
      .and_then([&] { return MakeGuard(security); })
      .and_then([&](std::unique_ptr<const Guard> guard) {
        return Listen(address, Router(std::move(routes), std::move(guard)), security);
      })
      .map([](std::unique_ptr<Listener> listener) {
        return std::unique_ptr<Server>(new Server(std::move(listener)));
      });
}

Server::Server(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}

Server::~Server() = default;

std::uint16_t Server::Port() const { return listener_->Port(); }

}  // namespace exporters

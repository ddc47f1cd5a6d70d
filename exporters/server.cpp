#include "exporters/server.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "common/log.h"
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

Result<void> CheckRules(const ListenAddress& address, const ServerSecurity& security) {
  if (security.certificate_file.empty() != security.key_file.empty()) {
    return common::Fail(std::errc::invalid_argument,
                        "--tls-cert and --tls-key belong together: give both or neither");
  }
  if (!security.client_ca_file.empty() && !WantsTls(security)) {
    return common::Fail(std::errc::invalid_argument,
                        "--tls-client-ca needs TLS: give --tls-cert and --tls-key, too");
  }
  const auto missing = Missing(security);
  if (IsLoopback(address) || missing.empty() || security.insecure_beyond_loopback) {
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

/// What a checked ServerSecurity becomes.
struct Protection {
  std::unique_ptr<const Guard> guard;                      ///< Null where everybody may ask.
  std::unique_ptr<common::tls::ReloadingContext> context;  ///< Null for plain HTTP.
};

Result<Protection> Protect(const ListenAddress& address, const ServerSecurity& security) {
  return CheckRules(address, security)
      .and_then([&] { return MakeGuard(security); })
      .and_then([&](std::unique_ptr<const Guard> guard) -> Result<Protection> {
        if (!WantsTls(security)) {
          return Protection{.guard = std::move(guard), .context = nullptr};
        }
        return common::tls::OpenServerContext({.certificate = security.certificate_file,
                                               .key = security.key_file,
                                               .client_ca = security.client_ca_file})
            .map([&](std::unique_ptr<common::tls::ReloadingContext> context) {
              return Protection{.guard = std::move(guard), .context = std::move(context)};
            });
      });
}

Result<std::unique_ptr<Listener>> Listen(const ListenAddress& address, Routes routes,
                                         Protection protection) {
  Router router(std::move(routes), std::move(protection.guard));
  return protection.context ? ListenTls(address, std::move(router), std::move(protection.context))
                            : ListenPlain(address, std::move(router));
}

}  // namespace

Result<void> CheckSecurity(const ListenAddress& address, const ServerSecurity& security) {
  return Protect(address, security).map([](const Protection&) {});
}

Result<std::unique_ptr<Server>> Server::Start(const ListenAddress& address, Routes routes,
                                              const ServerSecurity& security) {
  return Protect(address, security)
      .and_then([&](Protection protection) {
        return Listen(address, std::move(routes), std::move(protection));
      })
      .map([&](std::unique_ptr<Listener> listener) {
        if (!IsLoopback(address) && !Missing(security).empty()) {
          common::log::Warning(
              "a port beyond loopback is open without what protects it",
              {{"address", ToText(address)}, {"missing", std::string(Missing(security))}});
        }
        return std::unique_ptr<Server>(new Server(std::move(listener)));
      });
}

Server::Server(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}

Server::~Server() = default;

std::uint16_t Server::Port() const { return listener_->Port(); }

}  // namespace exporters

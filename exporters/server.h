#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/result.h"
#include "exporters/http_handler.h"

namespace exporters {

/// Where to listen: "127.0.0.1:9100", "[::1]:9100", ":9100"; port 0 takes a free one.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

[[nodiscard]] common::Result<ListenAddress> ParseListenAddress(const std::string& text);

/// A page.
struct Route {
  std::string path;
  HttpHandler handler;
  /// What else than these (and HEAD where there is GET) is answered 405: {"POST", "DELETE"}.
  std::vector<std::string> methods = {"GET"};
};

/// What a server answers. Paths are exact; the longest entry that ends in '/' and begins the
/// path serves the rest.
struct Routes {
  std::vector<Route> handlers = {};
  std::vector<std::pair<std::string, StreamHandler>> streams = {};  ///< GET and HEAD.
};

/// Who may ask, and how the answers travel: names of files, each empty where there is none. The
/// files are read again when they change; what they held before stays while they are of no use.
struct ServerSecurity {
  std::string certificate_file = {};  ///< PEM; together with its key it means TLS.
  std::string key_file = {};
  std::string client_ca_file = {};  ///< PEM; clients must show a certificate of these.
  std::string token_file = {};      ///< One a line; clients must send one as a bearer token.
  bool insecure_beyond_loopback = false;
};

/// Fails where Server::Start would fail before it listens: by the rules, or for a file.
[[nodiscard]] common::Result<void> CheckSecurity(const ListenAddress& address,
                                                 const ServerSecurity& security);

/// Whoever holds the port; see plain_listener.h and tls_listener.h.
class Listener;

/// An HTTP server: plain (civetweb), or with TLS (Beast) where there is a certificate. Serves
/// from construction to destruction, which ends every stream and waits for its handlers.
///
/// Where clients must prove who they are, /healthz and /readyz stay open to all.
class Server {
 public:
  /// Fails with address_in_use, naming the address, where somebody listens there already; with
  /// permission_denied where the address is not loopback and clients or answers would go
  /// unprotected; and where a file of `security` is of no use, naming it.
  [[nodiscard]] static common::Result<std::unique_ptr<Server>> Start(
      const ListenAddress& address, Routes routes, const ServerSecurity& security = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  [[nodiscard]] std::uint16_t Port() const;

 private:
  explicit Server(std::unique_ptr<Listener> listener);
  std::unique_ptr<Listener> listener_;
};

}  // namespace exporters

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

/// What a server answers. Paths are exact; the longest entry that ends in '/' and begins the
/// path serves the rest. GET and HEAD only, for now.
struct Routes {
  std::vector<std::pair<std::string, HttpHandler>> handlers = {};
  std::vector<std::pair<std::string, StreamHandler>> streams = {};
};

/// A plain HTTP server (civetweb) on loopback. Serves from construction to destruction, which
/// ends every stream and waits for its handlers.
class Server {
 public:
  /// Fails with address_in_use, naming the address, where somebody listens there already; with
  /// permission_denied where the address is not loopback.
  [[nodiscard]] static common::Result<std::unique_ptr<Server>> Start(const ListenAddress& address,
                                                                     Routes routes);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  [[nodiscard]] std::uint16_t Port() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace exporters

#pragma once

#include <string>

#include "common/result.h"
#include "exporters/server.h"

namespace CLI {
class App;
}  // namespace CLI

namespace exporters {

/// What every program with a port lets its user say about it. Set `listen` to the program's own
/// address before the options are added: it becomes the default.
struct ServerOptions {
  std::string listen = {};
  ServerSecurity security = {};
};

/// Adds --listen, --tls-cert, --tls-key, --tls-client-ca, --token-file and --insecure-listen.
/// `options` outlive the parsing. `pages` are named in the help: "/metrics, /healthz".
void AddServerOptions(CLI::App& app, const std::string& pages, ServerOptions& options);

/// The address to listen on, if a server with these options could be started there but for who
/// listens already: for programs that check what they are given before they begin.
[[nodiscard]] common::Result<ListenAddress> CheckServerOptions(const ServerOptions& options);

}  // namespace exporters

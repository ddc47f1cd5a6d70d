#include "exporters/server_options.h"

#include <CLI/CLI.hpp>

namespace exporters {

void AddServerOptions(CLI::App& app, const std::string& pages, ServerOptions& options) {
  auto& security = options.security;
  app.add_option("--listen", options.listen,
                 "Address of " + pages +
                     "; beyond loopback it needs TLS, and --token-file or --tls-client-ca")
      ->capture_default_str();
  app.add_option("--tls-cert", security.certificate_file,
                 "PEM file with the certificate to serve TLS with; read again when it changes");
  app.add_option("--tls-key", security.key_file, "PEM file with its private key");
  app.add_option("--tls-client-ca", security.client_ca_file,
                 "PEM file; clients must show a certificate that one of these has signed");
  app.add_option("--token-file", security.token_file,
                 "File with tokens, one a line; clients must send one as a bearer token.\n"
                 "/healthz and /readyz stay open to all");
  app.add_flag("--insecure-listen", security.insecure_beyond_loopback,
               "Listen beyond loopback without TLS or without knowing who asks");
}

common::Result<ListenAddress> CheckServerOptions(const ServerOptions& options) {
  return ParseListenAddress(options.listen).and_then([&](const ListenAddress& address) {
    return CheckSecurity(address, options.security).map([&] { return address; });
  });
}

}  // namespace exporters

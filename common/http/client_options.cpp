#include "common/http/client_options.h"

#include <CLI/CLI.hpp>

namespace common::http {

void AddClientOptions(CLI::App& app, const std::string& prefix, const std::string& server,
                      ClientOptions& options) {
  auto& tls = options.tls;
  const auto name = [&](const char* option) { return "--" + prefix + option; };
  app.add_option(name("tls-ca"), tls.ca,
                 "PEM file; " + server +
                     " must show a certificate that one of these has signed. Without it those "
                     "count that this machine trusts");
  app.add_option(name("tls-cert"), tls.certificate,
                 "PEM file with the certificate to show to " + server);
  app.add_option(name("tls-key"), tls.key, "PEM file with its private key");
  app.add_option(name("tls-server-name"), tls.server_name,
                 "The name that the certificate of " + server +
                     " must have; without it the host of the address");
  app.add_flag(name("tls-insecure"), tls.insecure,
               "Believe whatever certificate " + server + " shows");
  app.add_option(name("token-file"), options.token_file,
                 "File with the token to send to " + server +
                     " (its first line that is none of "
                     "blanks or a # comment)");
}

}  // namespace common::http

#pragma once

#include <string>

#include "common/http/credentials.h"

namespace CLI {
class App;
}  // namespace CLI

namespace common::http {

/// Adds --PREFIXtls-ca, --PREFIXtls-cert, --PREFIXtls-key, --PREFIXtls-server-name,
/// --PREFIXtls-insecure and --PREFIXtoken-file. `options` outlive the parsing. `server` names the
/// other side in the help: "the scaler".
void AddClientOptions(CLI::App& app, const std::string& prefix, const std::string& server,
                      ClientOptions& options);

}  // namespace common::http

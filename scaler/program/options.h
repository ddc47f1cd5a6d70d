#pragma once

#include <string>

#include "common/http/client_options.h"
#include "exporters/server_options.h"

namespace scaler::program {

/// Who runs the replicas.
enum class PlatformChoice {
  kByConfig,  ///< A cluster where the configuration has a section `kubernetes`, else this machine.
  kLocal,
  kKubernetes,
};

/// The command line of the scaler.
struct Options {
  std::string config;
  PlatformChoice platform = PlatformChoice::kByConfig;
  std::string policies = "/etc/trimtab/policies";
  exporters::ServerOptions server = {.listen = "127.0.0.1:9106"};
  common::http::ClientOptions agents;      ///< How to speak to agents.
  common::http::ClientOptions prometheus;  ///< The same for who answers external signals.
  std::string state = "/var/lib/trimtab/scaler";
  std::string log_level = "info";
  std::string log_format = "text";
  bool check = false;
};

}  // namespace scaler::program

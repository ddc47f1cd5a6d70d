#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "scaler/local/spec.h"

namespace scaler::config {

/// What the file given by --config says. Every key is optional.
struct Config {
  std::vector<std::string> agents;  ///< host:port of every agent that must contribute.
  local::Spec local;                ///< What runs on this machine; nothing by default.
};

/// Reads the file. Fails with all of its problems, one a line, each with its position.
[[nodiscard]] common::Result<Config> ReadConfig(const std::filesystem::path& file);

}  // namespace scaler::config

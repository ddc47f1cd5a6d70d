#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "scaler/local/spec.h"

namespace scaler::config {

/// Who answers the queries of external signals.
struct PrometheusConfig {
  std::string address;  ///< host:port, with https:// or http:// before it or not.
  std::chrono::milliseconds interval = std::chrono::seconds(10);  ///< Each query so often.
  std::chrono::milliseconds deadline = std::chrono::seconds(5);   ///< Of one question.
};

/// What the file given by --config says. Every key is optional.
struct Config {
  std::vector<std::string> agents;             ///< host:port of every agent that must contribute.
  std::optional<PrometheusConfig> prometheus;  ///< Empty: external signals are missing.
  local::Spec local;                           ///< What runs on this machine; nothing by default.
};

/// Reads the file. Fails with all of its problems, one a line, each with its position.
[[nodiscard]] common::Result<Config> ReadConfig(const std::filesystem::path& file);

}  // namespace scaler::config

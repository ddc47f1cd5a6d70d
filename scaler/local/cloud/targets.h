#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/result.h"
#include "scaler/local/cloud/spec.h"
#include "scaler/local/cloud/state.h"

namespace scaler::local::cloud {

/// The agents of the nodes that run, as Prometheus' file_sd_configs read them. `instance` is the
/// node's name: a port is another node's later, whose counters are not a continuation. Pure.
[[nodiscard]] std::string AgentTargets(const Spec& spec, const std::vector<Node>& nodes);

/// The file that tells Prometheus of them, where the configuration names one. Belongs to one
/// thread.
class TargetsFile {
 public:
  /// `path` empty: there is none, and nothing is written.
  explicit TargetsFile(std::filesystem::path path) : path_(std::move(path)) {}

  /// Replaces the file as a whole where it is to be another; makes its directory. Anybody may read
  /// the file.
  [[nodiscard]] common::Result<void> Write(const std::string& targets);

 private:
  std::filesystem::path path_;
  std::string written_;
};

}  // namespace scaler::local::cloud

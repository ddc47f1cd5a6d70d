#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/result.h"
#include "scaler/local/cgroups.h"
#include "scaler/local/cloud/spec.h"
#include "scaler/local/cloud/state.h"

namespace scaler::local::cloud {

/// Where a node's agent keeps what it has.
struct AgentFiles {
  std::filesystem::path config;
  std::filesystem::path state;  ///< A directory.
  std::filesystem::path log;
};

/// The configuration of a node's agent: JSON, which is YAML too.
[[nodiscard]] std::string AgentConfig(const Spec& spec, const Node& node);

/// The words of its command, filled in.
[[nodiscard]] std::vector<std::string> AgentCommand(const Spec& spec, const Node& node,
                                                    const AgentFiles& files);

/// Starts a program in a cgroup that is there, in a session of its own, with what it prints in
/// `log`. Nobody waits for it: who is in the cgroup shows whether it lives. The caller has one
/// thread.
[[nodiscard]] common::Result<pid_t> StartIn(const Cgroups& cgroups, const std::string& cgroup,
                                            const std::vector<std::string>& command,
                                            const std::filesystem::path& log);

}  // namespace scaler::local::cloud

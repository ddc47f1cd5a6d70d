#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/kubernetes/access.h"
#include "common/result.h"

namespace common::kubernetes {

struct ExecCredential {
  std::string token;
  std::optional<WallTime> expires;  ///< Empty: when the server refuses it.
};

/// Reads what a plugin prints, an ExecCredential of `api_version`. Fails with bad_message, never
/// quoting it: it holds a secret.
[[nodiscard]] Result<ExecCredential> ParseExecCredential(std::string_view json,
                                                         const std::string& api_version);

/// Runs the plugin with our environment and its own, and without a terminal, for at most a minute.
/// Blocking; any thread. Fails with what it said on standard error, or how to install it.
[[nodiscard]] Result<ExecCredential> RunExecPlugin(const ExecPlugin& plugin);

}  // namespace common::kubernetes

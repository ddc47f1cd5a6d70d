#pragma once

#include <functional>
#include <string>

#include "common/result.h"
#include "scaler/ctl/command_result.h"

namespace scaler::ctl {

/// Asks the scaler's API: target, then method.
using AskScaler =
    std::function<common::Result<std::string>(const std::string&, const std::string&)>;

/// `trimtabctl capacity`.
[[nodiscard]] CommandResult Capacity(const AskScaler& ask, bool json);

/// `trimtabctl explain --capacity`: the last decisions about nodes; without `all` those that
/// changed something, and the newest.
[[nodiscard]] CommandResult ExplainNodes(const AskScaler& ask, bool json, std::size_t last,
                                         bool all);

/// The part of `trimtabctl replay` that is about nodes. A scaler without nodes has none.
[[nodiscard]] CommandResult ReplayNodes(const AskScaler& ask);

struct DrainRequest {
  std::string node;
  bool undo = false;
  bool wait = false;  ///< Until the node is gone; says meanwhile what it waits for.
};

/// `trimtabctl drain`. `pause` is called between two looks; `say` gets what changes meanwhile.
[[nodiscard]] CommandResult DrainNode(const AskScaler& ask, const DrainRequest& request,
                                      const std::function<void()>& pause,
                                      const std::function<void(const std::string&)>& say);

}  // namespace scaler::ctl

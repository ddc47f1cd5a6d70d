#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/kubernetes/event.h"
#include "agent/kubernetes/pod.h"
#include "common/lifecycle/record.h"

namespace agent::kubernetes {

/// What is known of an end beside the container's own status.
struct Evidence {
  bool probe_killed = false;
  bool probe_failed = false;
  bool changed = false;     ///< Its definition was changed, and it was ended for that.
  bool oom_killed = false;  ///< Its cgroup counted a kill at that time.

  friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// Its status alone says why it ended; events and cgroups could say nothing else that is worth
/// asking the API server for.
[[nodiscard]] bool IsPlain(const Termination& termination, bool has_probe);

/// What the events tell about this end of `container`.
[[nodiscard]] Evidence EvidenceOf(const std::vector<PodEvent>& events, const std::string& container,
                                  const Termination& termination);

/// Why it ended; kScaledDown where somebody asked for it.
[[nodiscard]] common::lifecycle::EndReason ReasonOf(const Termination& termination,
                                                    const Evidence& evidence);

}  // namespace agent::kubernetes

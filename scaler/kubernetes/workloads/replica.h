#pragma once

#include <string>

#include "common/clock.h"
#include "scaler/kubernetes/workloads/decode.h"
#include "scaler/platform/platform.h"

namespace scaler::kubernetes::workloads {

/// Both clocks at one instant, and whether what is told now happens now.
struct Instant {
  common::WallTime wall;
  common::MonotonicTime monotonic;
  bool live = false;  ///< Told by a watch that knew all there was before.
};

/// The times of a pod as its status last gave them; what does not change keeps the instant that it
/// was given first, so that a clock that jumps moves nothing.
struct PodTimes {
  common::WallTime created;
  common::WallTime ready_changed;
  common::WallTime last_end;
};

/// The replica that a pod is now; `times` and `replica` are what it was before, and become what it
/// is. `known`: it was seen before.
///
/// The server's times have whole seconds and its own clock: where we see something happen, our own
/// clock says when it was.
void FollowPod(std::string_view name, const PodFields& fields, const Instant& now, bool known,
               PodTimes& times, platform::Replica& replica);

}  // namespace scaler::kubernetes::workloads

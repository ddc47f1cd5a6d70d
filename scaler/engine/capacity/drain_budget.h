#pragma once

#include "scaler/engine/capacity/state.h"

namespace scaler::engine::capacity {

/// Nodes that were drained by our will within the last hour, or up to five minutes more; older ones
/// are forgotten. Notices do not count: they cannot wait.
[[nodiscard]] int DrainedInHour(Time now, CapacityState& state);

/// A node is drained by our will; also for who learns of it only afterwards.
void NoteDrain(Time now, CapacityState& state);

}  // namespace scaler::engine::capacity

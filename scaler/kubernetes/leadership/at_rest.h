#pragma once

#include "scaler/codec/capacity_memory.h"
#include "scaler/engine/state.h"

namespace scaler::kubernetes::leadership {

/// A state without the times that move with each decision though nothing else changes: what is
/// still so, or was just looked at, at the decision at `seen`, has the beginning of time instead.
/// So a workload at rest has the same text at any time.
[[nodiscard]] engine::State AtRest(engine::State state, engine::Time seen);

/// The other way: what was so at each decision was so at the last one, at `seen`. An HPA's next
/// look may come by one of its periods later than it would have.
void MoveOn(engine::Time seen, engine::State& state);

/// The same of nodes, only to be compared: without how long they have been looked at.
[[nodiscard]] codec::CapacityMemory AtRest(codec::CapacityMemory memory);

}  // namespace scaler::kubernetes::leadership

#pragma once

#include <cstdint>
#include <string>

#include "scaler/engine/capacity/state.h"
#include "scaler/engine/capacity/world.h"

namespace scaler::engine::capacity {

/// A drain is planned by packing pods densely, but a scheduler of its own mind places them: it may
/// put a small pod where only a large one would have fit. The drain is then taken back, and what is
/// planned from the same work would fail in the same way, so it is not tried again while the work
/// and the nodes are as they were, for at most a day.

/// The nodes and how many pods of which size there are to run, wherever they are: equal numbers for
/// equal situations.
[[nodiscard]] std::uint32_t SituationOf(const World& world);

/// Forgets the failures of other situations and those of a day ago.
void ForgetFailedDrains(std::uint32_t situation, Time now, CapacityState& state);

/// The drain of the node was taken back in this situation.
void NoteFailedDrain(const std::string& node, std::uint32_t situation, Time now,
                     CapacityState& state);

/// Whether the drain of the node would fail again. Where as many as are remembered have failed, any
/// would.
[[nodiscard]] bool WouldFailAgain(const std::string& node, const CapacityState& state);

}  // namespace scaler::engine::capacity

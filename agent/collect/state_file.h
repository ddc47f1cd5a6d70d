#pragma once

#include <cstdint>
#include <filesystem>

#include "agent/collect/oom_ledger.h"
#include "common/clock.h"
#include "common/result.h"

namespace agent::collect {

/// What the agent itself must remember over a restart. (The access log's position and counters
/// have a checkpoint of their own.)
struct AgentState {
  /// Of the last run; the next must be larger. Wall clock in milliseconds at its start.
  std::uint64_t epoch = 0;
  OomKills oom_kills = {};

  friend bool operator==(const AgentState&, const AgentState&) = default;
};

/// Reads the state; a file that is not there is the state of a first start. bad_message where it
/// makes no sense.
[[nodiscard]] common::Result<AgentState> LoadState(const std::filesystem::path& path);

/// Replaces the state atomically.
[[nodiscard]] common::Result<void> SaveState(const std::filesystem::path& path,
                                             const AgentState& state);

/// Larger than any epoch before, also where the wall clock was set back.
[[nodiscard]] std::uint64_t NextEpoch(std::uint64_t last, common::WallTime now);

}  // namespace agent::collect

#pragma once

#include <optional>
#include <vector>

#include "scaler/engine/capacity_learning.h"
#include "scaler/engine/demand_memory.h"
#include "scaler/engine/idle_gaps.h"
#include "scaler/engine/policy.h"

namespace scaler::engine {

struct TimedReplicas {
  Time at{};
  int replicas = 0;

  friend bool operator==(const TimedReplicas&, const TimedReplicas&) = default;
};

/// The last out-of-memory end and what was advised then.
struct MemoryMemory {
  Time out_of_memory_at{};
  double limit_then_bytes = 0;
  double advised_bytes = 0;

  friend bool operator==(const MemoryMemory&, const MemoryMemory&) = default;
};

/// What an HPA would have done and would remember (see HpaShadow).
struct HpaMemory {
  int replicas = 0;
  Time synced_at{};  ///< Its last look that changed what it remembers.
  /// As State's, of its own stabilization window.
  std::vector<TimedReplicas> highest;

  friend bool operator==(const HpaMemory&, const HpaMemory&) = default;
};

/// Since when a workload of a blue-green pair has had the traffic, and when it last lost it.
struct Serving {
  Time since{};
  std::optional<Time> until;  ///< Empty: it has it now.

  friend bool operator==(const Serving&, const Serving&) = default;
};

/// What one workload's decisions remember. Everything in it is bounded by the policy's windows.
struct State {
  /// Recommendations that may still be the largest of the scale-down window: times and sizes both
  /// in order, sizes falling.
  std::vector<TimedReplicas> highest;
  /// The same for the smallest of the scale-up window, sizes rising.
  std::vector<TimedReplicas> lowest;
  std::vector<TimedReplicas> scaled_up;    ///< How many were added, and when.
  std::vector<TimedReplicas> scaled_down;  ///< How many were taken away, and when.
  std::optional<Time> last_active;         ///< When somebody last wanted something.

  std::vector<TimedReplicas> reversals;  ///< When the number last changed its direction, and where.
  int last_direction = 0;                ///< 1 up, -1 down, 0 not yet.
  std::optional<Time> raised;            ///< When the number last went up.
  std::optional<MemoryMemory> memory;
  std::optional<HpaMemory> hpa;             ///< Empty: before the first decision.
  std::optional<DemandMemory> demand;       ///< Where an objective decides about requests.
  std::optional<LearnedCapacity> capacity;  ///< Where the policy does not say it.
  std::optional<IdleGaps> gaps;             ///< Where the policy keeps warm.
  /// Where it has a peer; kept by whoever observes, who tells of it in Observation::peer.
  std::optional<Serving> serving;

  friend bool operator==(const State&, const State&) = default;
};

}  // namespace scaler::engine

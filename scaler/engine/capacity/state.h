#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scaler/engine/capacity/policy.h"

namespace scaler::engine::capacity {

/// What is known of one pool in one zone, by experience. Everything decays over weeks.
struct PlaceMemory {
  std::string pool;
  std::string zone;
  Duration exposure{};       ///< For how long any node of ours was ready there.
  double interruptions = 0;  ///< Times that nodes were taken, however many at once.
  double lost_share = 0;     ///< Sum over those of the share of the nodes that went.
  double lead_seconds = 0;   ///< Mean from asking to ready; 0: nothing seen.
  double lead_deviation = 0;
  double notice_seconds = 0;            ///< What interruptions are announced by, on average.
  int failures = 0;                     ///< In a row.
  bool quota = false;                   ///< That was the reason of the last refusal.
  std::optional<Time> refused_at;       ///< The last stock-out or failure.
  std::optional<Time> available_since;  ///< It could be had since; empty: not, or never asked.
  std::optional<Time> interrupted_at;

  friend bool operator==(const PlaceMemory&, const PlaceMemory&) = default;
};

struct TimedNodes {
  Time at{};
  int nodes = 0;

  friend bool operator==(const TimedNodes&, const TimedNodes&) = default;
};

struct UnneededNode {
  std::string name;
  Time since{};

  friend bool operator==(const UnneededNode&, const UnneededNode&) = default;
};

/// A drain that was taken back, because what ran on the node found no room elsewhere.
struct FailedDrain {
  std::string name;
  Time at{};
  std::uint32_t situation = 0;  ///< SituationOf() then.

  friend bool operator==(const FailedDrain&, const FailedDrain&) = default;
};

/// What the decisions about nodes remember: under 16 KiB as JSON for a hundred pool-zones.
struct CapacityState {
  static constexpr std::size_t kMostUnneeded = 24;
  static constexpr std::size_t kMostFailedDrains = 24;

  std::optional<Time> seen_until;
  std::optional<Time> faded_at;     ///< When what was seen last lost some of its weight.
  std::vector<PlaceMemory> places;  ///< By pool, then zone.
  Duration watched{};               ///< Since all work had a node for the first time,
  Duration short_of_nodes{};        ///< and for how much of it some had none.
  bool was_short = false;           ///< At the last decision; true until all had one.
  bool watching = false;
  double zone_losses = 0;        ///< Interruptions of a zone, of any pool.
  double coinciding_losses = 0;  ///< Those while another zone's loss was being repaired.
  /// When nodes were last asked for, or kept from going, for work or spare.
  std::optional<Time> added_at;
  std::vector<TimedNodes> drained;         ///< Of the last hour, by five minutes.
  std::vector<UnneededNode> unneeded;      ///< By name.
  std::vector<FailedDrain> failed_drains;  ///< By name.

  friend bool operator==(const CapacityState&, const CapacityState&) = default;
};

}  // namespace scaler::engine::capacity

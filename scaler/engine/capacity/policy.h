#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaler/engine/policy.h"

namespace scaler::engine::capacity {

enum class CapacityType { kOnDemand, kSpot };

/// Nodes of one kind that somebody makes on request.
struct Pool {
  std::string name;
  CapacityType type = CapacityType::kOnDemand;
  int min_nodes = 0;
  int max_nodes = 0;
  /// How the provider knows it, e.g. {"aws.autoScalingGroup", "shops-spot"}; for who acts.
  std::map<std::string, std::string> provider;

  friend bool operator==(const Pool&, const Pool&) = default;
};

/// So many pods of one size that must still fit.
struct Shape {
  std::string name;
  double cpu_cores = 0;
  double memory_bytes = 0;
  int count = 0;

  friend bool operator==(const Shape&, const Shape&) = default;
};

/// What must still fit after a loss.
struct Survive {
  bool per_zone = false;  ///< The largest node of each zone by itself; else the largest of all.

  friend bool operator==(const Survive&, const Survive&) = default;
};

/// One interval of a schedule, in UTC, during which the spare is so many times as large.
struct ScheduledSpare {
  std::string name;
  Time from{};
  Time until{};  ///< Not included.
  double factor = 1;

  friend bool operator==(const ScheduledSpare&, const ScheduledSpare&) = default;
};

/// Spare capacity as what must still fit; both kinds may be asked for together.
struct Spare {
  enum class By { kPlaceholderPods, kNodeGroups };

  std::optional<Survive> survive;
  std::vector<Shape> shapes;             ///< By name.
  std::vector<ScheduledSpare> schedule;  ///< By `from`.
  By by = By::kNodeGroups;

  friend bool operator==(const Spare&, const Spare&) = default;
};

struct SpotRules {
  double share = 0;             ///< Of the nodes that may be spot, so much is; 0.8 is 80 %.
  int min_dedicated_nodes = 0;  ///< Never fewer on-demand nodes than this.
  Duration fallback_after{};    ///< On-demand stands in for spot that has not come for so long.
  Duration return_after{};      ///< Back to spot when it could be had for so long.

  friend bool operator==(const SpotRules&, const SpotRules&) = default;
};

struct Disruption {
  int nodes_at_once = 1;
  int nodes_per_hour = 10;

  friend bool operator==(const Disruption&, const Disruption&) = default;
};

/// Everything that the engine knows of the will of the user for the nodes.
struct CapacityPolicy {
  std::string name;
  std::vector<Pool> pools;  ///< By name.
  Spare spare;
  std::optional<SpotRules> spot;
  Disruption disruption;

  friend bool operator==(const CapacityPolicy&, const CapacityPolicy&) = default;
};

}  // namespace scaler::engine::capacity

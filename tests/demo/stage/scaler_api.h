#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/result.h"

namespace demo {

struct WorkloadStatus {
  std::string name;
  int desired = 0;
  int ready = 0;
  int restarts = 0;  ///< Of the replicas that there are now.
  std::string problem;
};

/// What /api/v1/status says, as far as the demo needs it.
struct ScalerStatus {
  std::vector<WorkloadStatus> workloads;
  std::vector<std::string> problems;
  /// What it says of agents and of HAProxy where they do not answer.
  std::vector<std::string> silent_parts;
};

struct DecisionLine {
  std::uint64_t id = 0;
  std::string workload;
  common::MonotonicTime committed;
  std::string time;     ///< RFC 3339.
  std::string outcome;  ///< "scaled", "kept", "held".
  int from = 0;
  int to = 0;
  common::WallTime decided = {};  ///< By the wall clock that the scaler began with.
};

struct NodeStatus {
  std::string name;
  std::string pool;
  std::string zone;
  std::string state;
  bool spot = false;
  int pods = 0;
};

/// What /api/v1/capacity says, as far as the demo needs it.
struct CapacityStatus {
  std::vector<NodeStatus> nodes;
  std::optional<bool> spare_ok{};          ///< Nothing: it was not decided yet.
  std::vector<std::string> spare_missing;  ///< What does not fit, in sentences.
  std::optional<double> spot_share{};
  double policy_share = 0;
  int waiting = 0;                       ///< Replicas without a node.
  std::vector<std::string> last_change;  ///< In sentences.
};

/// A decision about nodes, as far as the demo needs it.
struct CapacityLine {
  std::uint64_t id = 0;
  common::MonotonicTime committed;
  bool heard_stock_out = false;  ///< The provider had refused an order since the decision before.
  bool adds_on_demand = false;
};

/// By id, ascending. `on_demand` is the pool of those.
[[nodiscard]] common::Result<std::vector<CapacityLine>> ParseCapacityLines(
    std::string_view json, std::string_view on_demand);

[[nodiscard]] common::Result<CapacityStatus> ParseCapacity(std::string_view json);

[[nodiscard]] common::Result<ScalerStatus> ParseStatus(std::string_view json);

/// By id, ascending.
[[nodiscard]] common::Result<std::vector<DecisionLine>> ParseDecisions(std::string_view json);

/// Asks trimtab-scaler. Each call blocks for a second at most.
class ScalerApi {
 public:
  /// `address` as "127.0.0.1:9106".
  explicit ScalerApi(std::string address);

  [[nodiscard]] common::Result<ScalerStatus> Status() const;

  [[nodiscard]] common::Result<CapacityStatus> Capacity() const;

  /// Some of the decisions about nodes with an id above `after`, the oldest first.
  [[nodiscard]] common::Result<std::vector<CapacityLine>> CapacityAfter(
      std::uint64_t after, std::string_view on_demand) const;

  /// All decisions with an id above `after`, in as many requests as it takes.
  [[nodiscard]] common::Result<std::vector<DecisionLine>> DecisionsAfter(std::uint64_t after) const;

 private:
  std::string address_;
};

}  // namespace demo

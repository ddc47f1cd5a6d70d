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
};

[[nodiscard]] common::Result<ScalerStatus> ParseStatus(std::string_view json);

/// By id, ascending.
[[nodiscard]] common::Result<std::vector<DecisionLine>> ParseDecisions(std::string_view json);

/// Asks trimtab-scaler. Each call blocks for a second at most.
class ScalerApi {
 public:
  /// `address` as "127.0.0.1:9106".
  explicit ScalerApi(std::string address);

  [[nodiscard]] common::Result<ScalerStatus> Status() const;

  /// All decisions with an id above `after`, in as many requests as it takes.
  [[nodiscard]] common::Result<std::vector<DecisionLine>> DecisionsAfter(std::uint64_t after) const;

 private:
  std::string address_;
};

}  // namespace demo

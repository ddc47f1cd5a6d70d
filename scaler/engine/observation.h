#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaler/engine/policy.h"

namespace scaler::engine {

/// A value and when it was true, in engine time.
template <typename T>
struct Sampled {
  T value{};
  Time at{};

  friend bool operator==(const Sampled&, const Sampled&) = default;
};

/// What a tenant asks of its workload, summed over every agent that should know of it.
struct Demand {
  double arrivals_per_second = 0;  ///< Served or not, over the signals' window.
  double in_flight = 0;            ///< Requests being served now.
  double queued = 0;               ///< Requests that wait for a free replica now.

  friend bool operator==(const Demand&, const Demand&) = default;
};

/// Use of CPU by the ready replicas that could be measured.
struct CpuUse {
  double usage_cores = 0;
  double request_cores = 0;  ///< What these replicas request together; 0 if they request none.
  int replicas = 0;          ///< How many were measured.

  friend bool operator==(const CpuUse&, const CpuUse&) = default;
};

/// An input that did not count, and why, for the explanation.
struct LeftOut {
  std::string what;
  std::string why;

  friend bool operator==(const LeftOut&, const LeftOut&) = default;
};

/// All that the engine is told of one workload at one instant.
struct Observation {
  Time now{};
  int desired_replicas = 0;  ///< What the platform was last asked for.
  int ready_replicas = 0;
  std::optional<Sampled<Demand>> demand;  ///< Empty: nobody knows.
  std::optional<Sampled<CpuUse>> cpu;
  std::string frozen;             ///< Why nobody may write anything now; empty: they may.
  std::vector<LeftOut> left_out;  ///< By whoever made the observation.

  friend bool operator==(const Observation&, const Observation&) = default;
};

}  // namespace scaler::engine

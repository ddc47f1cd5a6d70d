#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaler/engine/observation.h"
#include "scaler/engine/policy.h"

namespace scaler::engine {

struct TimedReplicas {
  Time at{};
  int replicas = 0;

  friend bool operator==(const TimedReplicas&, const TimedReplicas&) = default;
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

  friend bool operator==(const State&, const State&) = default;
};

enum class Outcome {
  kScaled,  ///< The number is to change.
  kKept,    ///< The number is right as it is.
  kHeld,    ///< Nothing may be decided: input is missing, or the policy is paused.
  kDryRun,  ///< The number would change, were the policy active.
};

/// What one signal asks for by itself.
struct Recommendation {
  std::string signal;  ///< "requests" or "cpu".
  double value = 0;    ///< Measured: requests per second; share of the CPU request.
  double target = 0;   ///< In the same unit, per replica or as a share.
  int replicas = 0;

  friend bool operator==(const Recommendation&, const Recommendation&) = default;
};

/// A rule that changed the number on its way from the recommendations to the decision.
struct Clamp {
  std::string rule;
  int from = 0;
  int to = 0;
  std::string why;

  friend bool operator==(const Clamp&, const Clamp&) = default;
};

struct Decision {
  Time at{};
  Outcome outcome = Outcome::kKept;
  int current = 0;
  int desired = 0;
  std::vector<Recommendation> recommendations;
  std::vector<Clamp> clamps;  ///< In the order in which they were applied.
  std::vector<LeftOut> left_out;

  friend bool operator==(const Decision&, const Decision&) = default;
};

struct Step {
  State state;
  Decision decision;
};

[[nodiscard]] std::string_view OutcomeName(Outcome outcome);  ///< "scaled", "kept", ...

/// Decides how many replicas one workload should have.
///
/// Each signal recommends; the largest wins; then stabilization, wake and idle, the rate limits
/// and the bounds change the number, in this order, and each says so in the decision. Semantics
/// of stabilization and rate limits are those of HPA v2 (k8s.io/kubernetes, podautoscaler,
/// horizontal.go). Missing input never scales down. Pure: the same arguments give the same Step.
[[nodiscard]] Step Decide(const Policy& policy, State state, const Observation& observation);

}  // namespace scaler::engine

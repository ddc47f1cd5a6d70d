#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaler/engine/observation.h"

namespace scaler::engine {

enum class Outcome {
  kScaled,  ///< The number is to change.
  kKept,    ///< The number is right as it is.
  kHeld,    ///< Nothing may be decided: input is missing, or the policy is paused.
  kDryRun,  ///< The number would change, were the policy active.
};

/// What one signal asks for by itself.
struct Recommendation {
  std::string signal;  ///< "requests", "cpu", or the name of an external one.
  double value = 0;    ///< Measured: requests per second; share of the CPU request.
  double target = 0;   ///< In the same unit, per replica or as a share.
  int replicas = 0;

  friend bool operator==(const Recommendation&, const Recommendation&) = default;
};

/// The rules that may change the number on its way from the recommendations to the decision, in
/// the order in which they are applied.
enum class Rule {
  kMissingInput,       ///< Missing input never scales down.
  kFallback,           ///< Missing input: the policy's own number.
  kCrashLoop,          ///< Its own trouble scales nothing up.
  kRollout,            ///< While it rolls out, nothing is taken away.
  kLatency,            ///< While it is slow, nothing is taken away.
  kFlapping,           ///< It went up and down too often.
  kStabilizationUp,    ///< HPA v2's window.
  kStabilizationDown,  ///< HPA v2's window.
  kIdle,               ///< Nobody has come for long; or not for long enough.
  kKeepWarm,           ///< Somebody is about to come.
  kWake,               ///< Somebody has come.
  kRateLimitUp,        ///< HPA v2's scaleUp policies.
  kRateLimitDown,      ///< HPA v2's scaleDown policies.
  kBlueGreenMatch,     ///< As many as the other colour has, before the traffic comes.
  kBlueGreenHold,      ///< The new colour has not served for long enough.
  kRedundancy,         ///< placement's replicas, nodes and zones.
  kScheduleMin,        ///<
  kScheduleMax,        ///<
  kMin,                ///< replicas.min
  kMax,                ///< replicas.max
  kGroupCap,           ///< A ScalingGroup's share.
};

inline constexpr Rule kLastRule = Rule::kGroupCap;

/// A rule that changed the number.
struct Clamp {
  Rule rule = Rule::kMin;
  int from = 0;
  int to = 0;
  double amount = 0;   ///< What the rule went by, in its own unit: seconds, replicas, times.
  std::string detail;  ///< Whose rule it is where there are several: a schedule, a group.

  friend bool operator==(const Clamp&, const Clamp&) = default;
};

/// What an out-of-memory end came to.
struct MemoryAdvice {
  double limit_bytes = 0;  ///< For each replica.
  bool apply = false;      ///< The policy lets it be set.

  friend bool operator==(const MemoryAdvice&, const MemoryAdvice&) = default;
};

/// What a season says of the time until a replica would be ready.
struct SeasonalNeed {
  Duration season{};
  double demand = 0;  ///< Requests per second that are about to come.
  int replicas = 0;   ///< That they need.
  bool used = false;  ///< Its forecasts have shown that they help.

  friend bool operator==(const SeasonalNeed&, const SeasonalNeed&) = default;
};

/// What the number that the objective asks for is made of.
struct Headroom {
  double demand = 0;  ///< Requests per second, from which it starts.
  int reactive = 0;   ///< Replicas that this demand needs by itself.
  int replicas = 0;   ///< With what may come, or come back, within the lead.
  /// A replica is added while it will probably be used to at least this share.
  double chance = 0;
  double move = 0;    ///< By how much demand typically moves within the lead, requests per second.
  Duration lead{};    ///< From the sample to a replica that is ready.
  bool node = false;  ///< A node has to come first.
  /// How long ago demand last needed the last of the replicas; empty: never, or none was added.
  std::optional<Duration> last_as_high;
  /// Replicas with all that may come back, where they are more than may be held, or than holding
  /// has yet shown to be worth.
  std::optional<int> unheld;
  std::optional<SeasonalNeed> season;  ///< Where one says more than that.

  friend bool operator==(const Headroom&, const Headroom&) = default;
};

struct Decision {
  Time at{};
  Outcome outcome = Outcome::kKept;
  int current = 0;
  int desired = 0;
  std::vector<Recommendation> recommendations;
  std::vector<Clamp> clamps;  ///< In the order in which they were applied.
  std::vector<LeftOut> left_out;
  std::optional<int> hpa;  ///< What the HPA would have asked for; empty: it has no input.
  std::optional<MemoryAdvice> memory;
  std::optional<Headroom> headroom;  ///< Where an objective decided about requests.

  friend bool operator==(const Decision&, const Decision&) = default;
};

[[nodiscard]] std::string_view OutcomeName(Outcome outcome);  ///< "scaled", "kept", ...
[[nodiscard]] std::string_view RuleName(Rule rule);           ///< "rate_limit_up", ...

/// Why the rule changed the number, as a part of a sentence.
[[nodiscard]] std::string Why(const Clamp& clamp);

}  // namespace scaler::engine

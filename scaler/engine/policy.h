#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace scaler::engine {

using Duration = std::chrono::milliseconds;

/// Engine time: it comes in with every observation and never goes back.
using Time = std::chrono::sys_time<Duration>;

struct ReplicaBounds {
  int min = 1;
  int max = 10;

  friend bool operator==(const ReplicaBounds&, const ReplicaBounds&) = default;
};

/// How the recommendations of the signals are made.
enum class Algorithm {
  kObjective,  ///< Ours: as much as `Objective` needs over the time that a replica takes to start.
  kHpa,        ///< Kubernetes' HPA v2, number for number.
};

/// What is not to happen, from which the engine chooses the headroom.
struct Objective {
  /// Share of requests that may find no free capacity; 0.001 is 0.1 %. From a half on there is
  /// none, and the number is the need of now.
  double overload = 0.001;
  /// For so long replicas may be held for demand that was there and may come back; for what is
  /// longer ago there are no more than for what demand usually rises by. Empty: for as long as the
  /// objective needs, which may be hours. The scale-down window comes on top of it.
  std::optional<Duration> hold = {};
  /// Where `hold` is empty: only once this workload's own history has shown that it helps.
  bool learn_hold = true;

  friend bool operator==(const Objective&, const Objective&) = default;
};

/// Requests per second that one replica carries at its limit; empty: learned.
struct RequestsSignal {
  std::optional<double> per_replica_per_second;

  friend bool operator==(const RequestsSignal&, const RequestsSignal&) = default;
};

/// A number of things (requests in flight, queued) of which one replica takes so many.
struct CountSignal {
  double per_replica = 0;

  friend bool operator==(const CountSignal&, const CountSignal&) = default;
};

/// Use of a resource as a share of what the replicas request; 0.7 is 70 %.
struct UtilizationSignal {
  double utilization = 0;

  friend bool operator==(const UtilizationSignal&, const UtilizationSignal&) = default;
};

/// The result of a query of the user.
struct ExternalSignal {
  enum class Kind {
    kPerReplica,  ///< HPA v2's AverageValue: replicas = value / target.
    kValue,       ///< HPA v2's Value: replicas = ready replicas x value / target.
  };

  std::string name;
  Kind kind = Kind::kPerReplica;
  double target = 0;
  /// The query itself; whoever observes asks it, the engine only explains with it.
  std::string query;

  friend bool operator==(const ExternalSignal&, const ExternalSignal&) = default;
};

/// While requests are slower than this, replicas are not taken away, and capacity that was learned
/// is believed no longer.
struct LatencyGuard {
  double quantile = 0.99;
  Duration below{};

  friend bool operator==(const LatencyGuard&, const LatencyGuard&) = default;
};

struct Signals {
  std::optional<RequestsSignal> requests;
  std::optional<CountSignal> in_flight;
  std::optional<CountSignal> queued;
  std::optional<UtilizationSignal> cpu;
  std::optional<UtilizationSignal> memory;
  std::optional<LatencyGuard> latency;
  std::vector<ExternalSignal> external;

  friend bool operator==(const Signals&, const Signals&) = default;
};

/// To zero replicas when nothing has come for `after`; back on the first request.
struct Idle {
  Duration after{};
  /// Keeps a replica longer, or starts one early, where the tenant's own gaps between requests
  /// say that somebody is about to come.
  bool keep_warm = false;

  friend bool operator==(const Idle&, const Idle&) = default;
};

/// One interval of a schedule, in UTC; time zones are the business of whoever expands schedules.
struct ScheduledBounds {
  std::string name;
  Time from{};
  Time until{};  ///< Not included.
  std::optional<int> min;
  std::optional<int> max;

  friend bool operator==(const ScheduledBounds&, const ScheduledBounds&) = default;
};

struct Forecast {
  enum class Mode {
    kOff,
    kAuto,  ///< Seasons that show on the workload's own history that they help.
  };

  Mode mode = Mode::kAuto;
  std::vector<Duration> seasons;  ///< Empty: a day and a week.

  friend bool operator==(const Forecast&, const Forecast&) = default;
};

/// HPA v2's scaling policy: at most `value` pods, or percent of the replicas, in `period`.
struct RateLimit {
  enum class Kind { kPods, kPercent };

  Kind kind = Kind::kPods;
  int value = 0;
  Duration period{};

  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

/// HPA v2's selectPolicy: which of several rate limits counts.
enum class SelectPolicy { kMax, kMin, kDisabled };

/// HPA v2's scaleUp or scaleDown. No rate limits means no limit.
struct ScalingRules {
  Duration stabilization_window{};
  SelectPolicy select = SelectPolicy::kMax;
  std::vector<RateLimit> limits;

  friend bool operator==(const ScalingRules&, const ScalingRules&) = default;
};

struct Behavior {
  ScalingRules scale_up;
  ScalingRules scale_down;

  friend bool operator==(const Behavior&, const Behavior&) = default;
};

/// A blue-green switch between two workloads that are each other's peer.
struct BlueGreen {
  Duration hold{};  ///< The old one keeps its replicas until the new one has served for so long.

  friend bool operator==(const BlueGreen&, const BlueGreen&) = default;
};

struct Guards {
  enum class OnMissing {
    kHold,      ///< The number stays; it may rise by what is known.
    kFallback,  ///< At least `fallback_replicas`.
  };

  Duration stale_after = std::chrono::seconds(30);  ///< Older input counts as missing.
  OnMissing on_missing = OnMissing::kHold;
  int fallback_replicas = 0;
  bool hold_in_crash_loop = true;      ///< Replicas that end do not ask for more of them.
  bool ignore_unready_rollout = true;  ///< A roll-out's unready pods change nothing.
  bool damp_flapping = true;
  std::optional<BlueGreen> blue_green;

  friend bool operator==(const Guards&, const Guards&) = default;
};

/// What follows when a replica ran out of memory.
struct MemoryReaction {
  enum class OnOom { kIgnore, kRecommend, kApply };

  OnOom on_oom = OnOom::kRecommend;
  double max_bytes = 0;  ///< Of one replica's limit; 0: no recommendation beyond the present one.

  friend bool operator==(const MemoryReaction&, const MemoryReaction&) = default;
};

/// Where replicas may run; how many there have to be follows from it.
struct Placement {
  enum class Spot { kPrefer, kNever, kOnly };

  Spot spot = Spot::kPrefer;
  int min_replicas = 1;  ///< While it runs at all; redundancy.
  int min_nodes = 1;
  int min_zones = 1;

  friend bool operator==(const Placement&, const Placement&) = default;
};

enum class Mode {
  kActive,
  kDryRun,  ///< Decides and explains, acts never.
  kPaused,  ///< Decides nothing.
};

/// Everything that the engine knows of the will of the user for one workload. Compiled from YAML
/// by scaler/policy: defaults filled in, overrides applied.
struct Policy {
  std::string name;  ///< "namespace/name" of the document, for explanations.
  ReplicaBounds replicas;
  Algorithm algorithm = Algorithm::kObjective;
  Objective objective;
  Signals signals;
  std::string formula;  ///< What the signals come to (EvaluateFormula); empty: the largest need.
  std::optional<Idle> idle;
  std::vector<ScheduledBounds> schedule;  ///< By `from`; those that overlap apply together.
  Forecast forecast;
  /// Within this share of the target nothing changes, as the HPA's tolerance; 0.1 is 10 %.
  double tolerance = 0.1;
  Behavior behavior;
  Guards guards;
  MemoryReaction memory;
  Placement placement;
  Mode mode = Mode::kActive;

  friend bool operator==(const Policy&, const Policy&) = default;
};

}  // namespace scaler::engine

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

/// What one replica carries: replicas = demand / per_replica_per_second.
struct RequestsSignal {
  double per_replica_per_second = 0;

  friend bool operator==(const RequestsSignal&, const RequestsSignal&) = default;
};

/// Use of CPU as a share of what the replicas request; 0.7 is 70 %.
struct CpuSignal {
  double utilization = 0;

  friend bool operator==(const CpuSignal&, const CpuSignal&) = default;
};

/// To zero replicas when nothing has come for `after`; back on the first request.
struct Idle {
  Duration after{};

  friend bool operator==(const Idle&, const Idle&) = default;
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

/// Input older than `stale_after` counts as missing; missing input holds.
struct Guards {
  Duration stale_after = std::chrono::seconds(30);

  friend bool operator==(const Guards&, const Guards&) = default;
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
  std::optional<RequestsSignal> requests;
  std::optional<CpuSignal> cpu;
  std::optional<Idle> idle;
  /// Within this share of the target nothing changes, as the HPA's tolerance; 0.1 is 10 %.
  double tolerance = 0.1;
  Behavior behavior;
  Guards guards;
  Mode mode = Mode::kActive;

  friend bool operator==(const Policy&, const Policy&) = default;
};

}  // namespace scaler::engine

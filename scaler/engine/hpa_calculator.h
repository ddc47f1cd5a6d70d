#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "scaler/engine/pod.h"

/// What Kubernetes' ReplicaCalculator computes (k8s.io/kubernetes, pkg/controller/podautoscaler,
/// as of v1.36), number for number; tests/differential compares the two. Amounts are thousandths,
/// as everything is for the HPA.
namespace scaler::engine {

/// The controller's flags, and the tolerances of the HPA's behavior. The defaults are its own.
struct HpaSettings {
  /// A pod's CPU use says nothing yet for so long after its start, unless it is ready.
  Duration cpu_initialization = std::chrono::minutes(5);
  /// A pod whose readiness did not change later than this after its start has never been ready.
  Duration initial_readiness_delay = std::chrono::seconds(30);
  /// Time over which a sample of CPU use was measured; metrics-server's resolution.
  Duration metric_window = std::chrono::seconds(15);
  double tolerance_up = 0.1;
  double tolerance_down = 0.1;
};

/// The pods that the HPA's selector finds.
struct HpaPods {
  const std::vector<Pod>& pods;
  Time now{};
  /// Whether pods count that the selector finds and the workload did not make. For the HPA they do.
  bool foreign = true;
  /// Older samples are as if they were not there. The HPA leaves that to metrics-server.
  Duration stale_after = Duration::max();
};

enum class HpaResource { kCpu, kMemory };

/// What one metric asks for.
struct HpaAnswer {
  std::optional<int> replicas;  ///< Empty: the metric is in error.
  std::int64_t usage = 0;       ///< Per cent of the request, or thousandths for each replica.
  std::string_view error;       ///< What the error is, as part of a sentence.
};

/// Cores as the thousandths that a Kubernetes quantity has, which rounds up.
[[nodiscard]] std::int64_t HpaMilli(double amount);

/// AverageUtilization: `target_percent` of the pods' requests, at most 1000 %.
[[nodiscard]] HpaAnswer HpaUtilization(const HpaSettings& settings, const HpaPods& pods,
                                       HpaResource resource, int current, int target_percent);

/// AverageValue of a resource. That of a pods metric is the same as that of memory: readiness
/// matters only where CPU use is measured.
[[nodiscard]] HpaAnswer HpaAverageUsage(const HpaSettings& settings, const HpaPods& pods,
                                        HpaResource resource, int current,
                                        std::int64_t target_milli);

/// Value of an object's or an external metric, with `ready` pods (see HpaReadyPods).
[[nodiscard]] HpaAnswer HpaValue(const HpaSettings& settings, int current, std::optional<int> ready,
                                 std::int64_t value_milli, std::int64_t target_milli);

/// AverageValue of an object's or an external metric; `existing` pods are there, ready or not.
[[nodiscard]] HpaAnswer HpaAverageValue(const HpaSettings& settings, int existing,
                                        std::int64_t value_milli, std::int64_t target_milli);

/// Pods that run and are ready, for HpaValue; empty where the selector finds none at all.
[[nodiscard]] std::optional<int> HpaReadyPods(const HpaPods& pods);

}  // namespace scaler::engine

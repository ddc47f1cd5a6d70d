#pragma once

#include <string>

namespace cluster::latency {

/// How a policy of a measurement differs from another one. Whole keys of the spec, a line each,
/// indented by two.
inline constexpr auto kNoObjective = "  objective: {overload: 50%}\n";
inline constexpr auto kInFlight = "  signals: {inFlight: {perReplica: 10}}\n";
/// So that a workload can go up and down again and again.
inline constexpr auto kFallsAtOnce =
    "  behavior: {scaleDown: {stabilizationWindowSeconds: 0}}\n"
    "  guards: {flapping: ignore}\n";

/// A Deployment with a ScalingPolicy of ours.
[[nodiscard]] std::string OurWorkload(const std::string& name, int replicas, int min, int max,
                                      const std::string& more);

/// A Deployment with an HPA on the external metric of its name, ten of it a replica. `at_once`: it
/// may go anywhere at any time; else all is the HPA's default.
[[nodiscard]] std::string TheirWorkload(const std::string& name, int replicas, int max,
                                        bool at_once);

}  // namespace cluster::latency

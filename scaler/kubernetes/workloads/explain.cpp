#include "scaler/kubernetes/workloads/explain.h"

#include <fmt/format.h>

namespace scaler::kubernetes::workloads {

std::string ProblemOf(const std::string& of_controller, const platform::Workload& workload) {
  if (!of_controller.empty()) {
    return "replicas cannot be made: " + of_controller;
  }
  int waiting = 0;
  const std::string* why = nullptr;
  for (const auto& replica : workload.replicas) {
    if (!replica.waits.empty() && replica.phase != platform::Phase::kDraining) {
      ++waiting;
      why = &replica.waits;
    }
  }
  return why == nullptr ? "" : fmt::format("{} replicas wait: {}", waiting, *why);
}

}  // namespace scaler::kubernetes::workloads

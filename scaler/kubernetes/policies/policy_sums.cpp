#include "scaler/kubernetes/policies/policy_sums.h"

#include <algorithm>

namespace scaler::kubernetes::policies {
namespace {

using engine::Outcome;
using engine::Rule;
using loop::WorkloadStatus;

bool Limits(const engine::Clamp& clamp) {
  switch (clamp.rule) {
    case Rule::kMax:
    case Rule::kScheduleMax:
    case Rule::kGroupCap:
      return clamp.to < clamp.from;
    case Rule::kCrashLoop:
    case Rule::kBlueGreenMatch:
    case Rule::kBlueGreenHold:
      return true;
    default:
      return false;
  }
}

bool IsTrouble(const engine::Clamp& clamp) { return clamp.rule == Rule::kCrashLoop; }

void Count(const WorkloadStatus& workload, std::int64_t& number, const WorkloadStatus*& first) {
  ++number;
  first = first == nullptr ? &workload : first;
}

}  // namespace

const engine::Clamp* LimitOf(const engine::Decision& decision) {
  const auto found = std::find_if(decision.clamps.rbegin(), decision.clamps.rend(), Limits);
  return found == decision.clamps.rend() ? nullptr : &*found;
}

void PolicySums::Add(const WorkloadStatus& workload) {
  const auto& replicas = workload.workload->replicas;
  ++workloads;
  current += std::count_if(replicas.begin(), replicas.end(), [](const auto& replica) {
    return replica.phase != platform::Phase::kDraining;
  });
  desired += workload.decision ? workload.decision->desired : workload.workload->desired;
  if (workload.decision) {
    if (workload.decision->outcome == Outcome::kHeld) {
      Count(workload, held, first_held);
    }
    if (const auto* const limit = LimitOf(*workload.decision)) {
      ++limited;
      if (first_limited == nullptr ||
          (IsTrouble(*limit) && !IsTrouble(*LimitOf(*first_limited->decision)))) {
        first_limited = &workload;
      }
    }
  }
  if (!workload.workload->owned_by.empty()) {
    Count(workload, owned, first_owned);
  }
  if (!workload.problem.empty()) {
    Count(workload, failed, first_failed);
  }
  if (workload.change && (newest == nullptr || newest->change->at < workload.change->at)) {
    newest = &workload;
  }
}

}  // namespace scaler::kubernetes::policies

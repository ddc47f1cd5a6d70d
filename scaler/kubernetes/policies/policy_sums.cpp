#include "scaler/kubernetes/policies/policy_sums.h"

#include <algorithm>

namespace scaler::kubernetes::policies {
namespace {

using engine::Outcome;
using engine::Rule;
using loop::WorkloadStatus;

bool IsBound(Rule rule) {
  return rule == Rule::kMax || rule == Rule::kScheduleMax || rule == Rule::kGroupCap;
}

void Count(const WorkloadStatus& workload, std::int64_t& number, const WorkloadStatus*& first) {
  ++number;
  first = first == nullptr ? &workload : first;
}

}  // namespace

const engine::Clamp* BoundOf(const engine::Decision& decision) {
  const auto found =
      std::find_if(decision.clamps.rbegin(), decision.clamps.rend(),
                   [](const auto& clamp) { return IsBound(clamp.rule) && clamp.to < clamp.from; });
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
    if (BoundOf(*workload.decision) != nullptr) {
      Count(workload, limited, first_limited);
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

#include "scaler/engine/bounds.h"

#include <algorithm>
#include <vector>

namespace scaler::engine {
namespace {

/// Only a policy that says when a workload is idle may bring it to zero.
int Minimum(const Policy& policy) {
  return policy.idle ? policy.replicas.min : std::max(policy.replicas.min, 1);
}

}  // namespace

void ApplySchedule(const Policy& policy, const Observation& observation, Number& number) {
  for (const auto& scheduled : policy.schedule) {
    if (observation.now >= scheduled.until) {
      continue;
    }
    if (scheduled.min && observation.now + observation.lead.replica >= scheduled.from) {
      number.AtLeast(Rule::kScheduleMin, *scheduled.min, 0, scheduled.name);
    }
    if (scheduled.max && observation.now >= scheduled.from) {
      number.AtMost(Rule::kScheduleMax, *scheduled.max, 0, scheduled.name);
    }
  }
}

void ApplyBounds(const Policy& policy, const Observation& observation, Number& number) {
  number.AtLeast(Rule::kMin, Minimum(policy));
  number.AtMost(Rule::kMax, policy.replicas.max);
  if (observation.group) {
    number.AtMost(Rule::kGroupCap, observation.group->replicas, observation.group->replicas,
                  observation.group->group);
  }
}

int PromisedReplicas(const Policy& policy, const Observation& observation) {
  std::vector<Clamp> unsaid;
  Number number(Minimum(policy), unsaid);
  ApplySchedule(policy, observation, number);
  return std::min(number.Value(), policy.replicas.max);
}

}  // namespace scaler::engine

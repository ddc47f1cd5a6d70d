#include "scaler/policy/scheduled.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "scaler/policy/policy_set.h"
#include "scaler/policy/schedule/expand.h"

namespace scaler::policy {
namespace {

using engine::Time;

template <typename T>
void SortByBeginning(std::vector<T>& intervals) {
  std::stable_sort(intervals.begin(), intervals.end(),
                   [](const T& left, const T& right) { return left.from < right.from; });
}

void Expand(Terms& terms, Time from, Time until) {
  terms.policy.schedule = Intervals(terms.schedules, from, until);
}

void Expand(CapacityPolicy& policy, Time from, Time until) {
  auto& intervals = policy.terms.spare.schedule;
  intervals.clear();
  for (const auto& one : policy.schedules) {
    for (const auto& interval : schedule::Expand(one.when, from, until)) {
      intervals.push_back(
          {.name = one.name, .from = interval.from, .until = interval.until, .factor = one.factor});
    }
  }
  SortByBeginning(intervals);
}

bool HasSchedules(const Documents& documents) {
  const auto has = [](const auto& one) { return !one.schedules.empty(); };
  return std::any_of(documents.capacity.begin(), documents.capacity.end(), has) ||
         std::any_of(documents.policies.begin(), documents.policies.end(),
                     [&](const ScalingPolicy& policy) {
                       return has(policy.terms) ||
                              std::any_of(policy.overrides.begin(), policy.overrides.end(),
                                          [&](const Override& one) { return has(one.terms); });
                     });
}

}  // namespace

std::vector<engine::ScheduledBounds> Intervals(const std::vector<BoundsSchedule>& schedules,
                                               Time from, Time until) {
  std::vector<engine::ScheduledBounds> intervals;
  for (const auto& one : schedules) {
    for (const auto& interval : schedule::Expand(one.when, from, until)) {
      intervals.push_back({.name = one.name,
                           .from = interval.from,
                           .until = interval.until,
                           .min = one.min,
                           .max = one.max});
    }
  }
  SortByBeginning(intervals);
  return intervals;
}

PolicySet PolicySet::Scheduled(Time from, Time until) const {
  auto files = files_;
  for (auto& [file, documents] : files) {
    if (!HasSchedules(*documents)) {
      continue;
    }
    auto expanded = std::make_shared<Documents>(*documents);
    for (auto& policy : expanded->policies) {
      Expand(policy.terms, from, until);
      for (auto& one : policy.overrides) {
        Expand(one.terms, from, until);
      }
    }
    for (auto& policy : expanded->capacity) {
      Expand(policy, from, until);
    }
    documents = std::move(expanded);
  }
  return PolicySet(std::move(files));
}

}  // namespace scaler::policy

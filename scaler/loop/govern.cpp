#include "scaler/loop/govern.h"

#include <utility>

#include "scaler/loop/external_queries.h"

namespace scaler::loop {

policy::Subject SubjectOf(const platform::Workload& workload) {
  return {workload.id.name_space, workload.id.name, workload.labels, workload.kind};
}

std::optional<Governed> Govern(const std::shared_ptr<const policy::PolicySet>& set,
                               const platform::Workload& workload) {
  const auto subject = SubjectOf(workload);
  auto resolved = set->Resolve(subject);
  if (!resolved) {
    return std::nullopt;
  }
  Governed governed{.policy = {}, .tenant = std::move(resolved->tenant), .peer = {}, .groups = {}};
  auto& policy = resolved->policy;
  if (!resolved->peer.empty()) {
    governed.peer = platform::ToString({subject.name_space, resolved->peer});
  }
  if (!workload.owned_by.empty() && policy.mode == engine::Mode::kActive) {
    policy.mode = engine::Mode::kDryRun;
  }
  ExpandQueries(workload.id, governed.tenant, policy);
  governed.policy = policy == *resolved->original
                        ? std::shared_ptr<const engine::Policy>(set, resolved->original)
                        : std::make_shared<const engine::Policy>(std::move(policy));
  for (const auto& one : set->GroupsOf(subject, governed.tenant)) {
    governed.groups.push_back(
        {.group = std::shared_ptr<const engine::ScalingGroup>(set, &one.group->limits),
         .sharer = one.sharer,
         .priority = one.priority});
  }
  return governed;
}

}  // namespace scaler::loop

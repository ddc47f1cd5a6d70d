#include "scaler/backtest/together.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "scaler/backtest/course.h"
#include "scaler/backtest/policy_rule.h"
#include "scaler/engine/bounds.h"
#include "scaler/engine/group.h"
#include "scaler/policy/policy_set.h"

namespace scaler::backtest {
namespace {

/// One tenant on its way.
struct Member {
  std::unique_ptr<PolicyRule> rule;
  std::unique_ptr<Course> course;
  std::vector<policy::Membership> groups;
  Look look;
  Answer answer;
};

policy::Labels LabelsOf(const Series& series, const policy::ScalingPolicy& document) {
  auto labels = series.labels;
  if (document.target.selector) {
    labels.insert(document.target.selector->match_labels.begin(),
                  document.target.selector->match_labels.end());
  }
  return labels;
}

std::string TenantOf(const Series& series, const policy::Labels& labels,
                     const policy::ScalingPolicy& document) {
  const auto found = labels.find(document.tenant_label);
  return found == labels.end() || found->second.empty() ? series.name : found->second;
}

Member MakeMember(const World& world, const Series& series, const policy::ScalingPolicy& document,
                  const policy::PolicySet& set) {
  Member member;
  const auto& terms = TermsFor(document, series.labels);
  member.rule = std::make_unique<PolicyRule>(world, terms.policy, terms.schedules);
  const auto labels = LabelsOf(series, document);
  member.groups =
      set.GroupsOf({.name_space = document.name_space, .name = series.name, .labels = labels},
                   TenantOf(series, labels, document));
  if (!member.groups.empty()) {
    member.rule->JoinGroup();
  }
  member.course = std::make_unique<Course>(world, series, member.rule->Delay(),
                                           member.rule->Begin(series.RateAt(Duration{})));
  return member;
}

/// One cap among those that are in it; who gets less decides again.
void ShareCap(const engine::ScalingGroup& group,
              const std::vector<std::pair<Member*, const policy::Membership*>>& members) {
  std::vector<engine::Claim> claims;
  int wanted = 0;
  for (const auto& [member, membership] : members) {
    claims.push_back(
        {.tenant = membership->sharer,
         .priority = membership->priority,
         .floor = engine::PromisedReplicas(member->rule->Policy(), member->rule->LastObservation()),
         .wanted = member->answer.replicas,
         .cpu_cores = 0});
    wanted += member->answer.replicas;
  }
  if (!group.max_replicas || wanted <= *group.max_replicas) {
    return;
  }
  const auto shares = engine::Share(group, claims);
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto& member = *members[i].first;
    if (shares[i] < member.answer.replicas) {
      member.answer = member.rule->DecideWithin(member.look, {group.name, shares[i]});
    }
  }
}

/// False: everybody is at the end.
bool Step(std::vector<Member>& members) {
  using InGroup = std::vector<std::pair<Member*, const policy::Membership*>>;
  std::map<const policy::ScalingGroup*, InGroup> groups;
  bool moved = false;
  for (auto& member : members) {
    if (member.course->Over()) {
      continue;
    }
    moved = true;
    member.look = member.course->Next();
    member.answer = member.rule->Decide(member.look);
    for (const auto& membership : member.groups) {
      groups[membership.group].emplace_back(&member, &membership);
    }
  }
  for (const auto& [group, sharers] : groups) {
    ShareCap(group->limits, sharers);
  }
  for (auto& member : members) {
    if (!member.course->Over()) {
      member.course->Act({member.answer.replicas, member.look.now});
    }
  }
  return moved;
}

}  // namespace

common::Result<std::vector<SeriesResult>> PlayTogether(
    const World& world, const std::vector<Series>& series, const policy::ScalingPolicy& document,
    const std::vector<policy::ScalingGroup>& groups, const std::function<void(double)>& tell) {
  auto documents = std::make_shared<policy::Documents>();
  documents->groups = groups;
  const policy::PolicySet set({{"groups", std::move(documents)}});
  auto stepped = world;
  Duration longest{};
  for (const auto& one : series) {
    if (one.begin != series.front().begin || one.period != series.front().period) {
      return common::Fail(
          std::errc::invalid_argument,
          "series that share a cap have to begin together and to have one period; " + one.name +
              " differs from " + series.front().name);
    }
    stepped.step = std::min(stepped.step, one.period);
    longest = std::max(longest, one.Length());
  }
  std::vector<Member> members;
  members.reserve(series.size());
  for (const auto& one : series) {
    members.push_back(MakeMember(stepped, one, document, set));
  }
  const auto steps = longest / stepped.step;
  for (std::int64_t step = 0; Step(members); ++step) {
    if (step % 100 == 0) {
      tell(static_cast<double>(step) / static_cast<double>(steps));
    }
  }
  std::vector<SeriesResult> results;
  results.reserve(members.size());
  for (const auto& member : members) {
    results.push_back(member.course->Result());
  }
  return results;
}

}  // namespace scaler::backtest

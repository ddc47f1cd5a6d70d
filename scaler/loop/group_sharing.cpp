#include "scaler/loop/group_sharing.h"

#include <algorithm>
#include <map>

#include "scaler/engine/bounds.h"

namespace scaler::loop {
namespace {

struct Member {
  Proposal* proposal = nullptr;
  const GroupMembership* membership = nullptr;
};

bool IsTried(const Member& member) {
  return member.proposal->governed->policy->mode == engine::Mode::kDryRun;
}

/// What the member would have, by its own decision.
engine::Claim InEarnest(const Member& member) {
  const auto& proposal = *member.proposal;
  return {.tenant = member.membership->sharer,
          .priority = member.membership->priority,
          .floor = engine::PromisedReplicas(*proposal.governed->policy, proposal.observation),
          .wanted = proposal.step.decision.desired,
          .cpu_cores = proposal.cpu_request_cores};
}

/// What the member will have: who is held or only tried keeps what it has.
engine::Claim ClaimOf(const Member& member) {
  auto claim = InEarnest(member);
  const auto& decision = member.proposal->step.decision;
  if (IsTried(member) || decision.outcome == engine::Outcome::kHeld) {
    claim.floor = claim.wanted = decision.current;
  }
  return claim;
}

std::vector<int> SharesOf(const engine::ScalingGroup& group, const std::vector<Member>& members) {
  std::vector<engine::Claim> claims;
  bool some_tried = false;
  for (const auto& member : members) {
    claims.push_back(ClaimOf(member));
    some_tried = some_tried || IsTried(member);
  }
  auto shares = engine::Share(group, claims);
  if (!some_tried) {
    return shares;
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    claims[i] = IsTried(members[i]) ? InEarnest(members[i]) : claims[i];
  }
  const auto tried = engine::Share(group, claims);
  for (std::size_t i = 0; i < members.size(); ++i) {
    shares[i] = IsTried(members[i]) ? tried[i] : shares[i];
  }
  return shares;
}

void DecideWithin(const std::string& group, int share, Proposal& proposal) {
  const auto& decision = proposal.step.decision;
  if (share < decision.desired && decision.outcome != engine::Outcome::kHeld) {
    proposal.observation.group = engine::GroupShare{group, share};
    proposal.step =
        engine::Decide(*proposal.governed->policy, *proposal.state, proposal.observation);
  }
}

GroupStatus ShareOne(const engine::ScalingGroup& group, const std::vector<Member>& members) {
  GroupStatus status{.group = group};
  const auto shares = SharesOf(group, members);
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto& proposal = *members[i].proposal;
    status.wanted += proposal.step.decision.desired;
    DecideWithin(group.name, shares[i], proposal);
    const auto& decision = proposal.step.decision;
    const int will_have = IsTried(members[i]) ? decision.current : decision.desired;
    status.granted += will_have;
    status.cpu_cores += proposal.cpu_request_cores * will_have;
  }
  return status;
}

}  // namespace

std::vector<GroupStatus> ShareCaps(const std::vector<Proposal*>& proposals) {
  std::map<std::string, std::vector<Member>> groups;
  for (auto* const proposal : proposals) {
    for (const auto& membership : proposal->governed->groups) {
      groups[membership.group->name].push_back({proposal, &membership});
    }
  }
  std::vector<GroupStatus> statuses;
  for (const auto& [name, members] : groups) {
    statuses.push_back(ShareOne(*members.front().membership->group, members));
  }
  return statuses;
}

}  // namespace scaler::loop

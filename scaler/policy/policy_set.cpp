#include "scaler/policy/policy_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace scaler::policy {
namespace {

using common::yaml::Position;
using common::yaml::Problem;

std::vector<const Override*> MatchingOverrides(const ScalingPolicy& policy,
                                               const Subject& subject) {
  std::vector<const Override*> matching;
  for (const auto& one : policy.overrides) {
    if (one.selector.Matches(subject.labels)) {
      matching.push_back(&one);
    }
  }
  return matching;
}

std::string FullName(const Subject& subject) { return subject.name_space + "/" + subject.name; }

/// Gathers the findings of Check: one for each kind and policy, with how many it stands for.
class Findings {
 public:
  void Add(const ScalingPolicy& policy, std::string_view path, Position at, std::string what) {
    auto& finding = findings_[{policy.file, at, std::string(path)}];
    if (finding.count++ == 0) {
      finding.what = std::move(what);
    }
  }

  [[nodiscard]] std::vector<Problem> Problems() const {
    std::vector<Problem> problems;
    for (const auto& [key, finding] : findings_) {
      auto what = finding.what;
      if (finding.count > 1) {
        what += fmt::format("; and so for {} more", finding.count - 1);
      }
      problems.push_back({.file = std::get<0>(key),
                          .at = std::get<1>(key),
                          .path = std::get<2>(key),
                          .what = std::move(what),
                          .suggestion = {}});
    }
    return problems;
  }

 private:
  struct Finding {
    std::string what;
    int count = 0;
  };

  std::map<std::tuple<std::string, Position, std::string>, Finding> findings_;
};

void CheckSubject(const std::vector<const ScalingPolicy*>& matching, const Subject& subject,
                  Findings& findings) {
  const auto& winner = *matching.front();
  for (auto loser = matching.begin() + 1; loser != matching.end(); ++loser) {
    findings.Add(
        **loser, "spec.target", (*loser)->at,
        fmt::format("{} also matches {} and scales it", FullName(winner), FullName(subject)));
  }
  const auto overrides = MatchingOverrides(winner, subject);
  for (std::size_t i = 1; i < overrides.size(); ++i) {
    findings.Add(winner, "spec.overrides." + overrides[i]->name, overrides[i]->at,
                 fmt::format("override {} also matches {} and applies, being first by name",
                             overrides[0]->name, FullName(subject)));
  }
  if (!winner.tenant_label.empty() && !subject.labels.contains(winner.tenant_label)) {
    findings.Add(winner, "spec.tenant.fromLabel", winner.at,
                 fmt::format("{} has no label {}; its name is taken for its tenant",
                             FullName(subject), winner.tenant_label));
  }
}

}  // namespace

PolicySet::PolicySet(std::map<std::string, FilePolicies> files) : files_(std::move(files)) {
  for (const auto& [file, policies] : files_) {
    for (const auto& policy : *policies) {
      by_rank_.push_back(&policy);
    }
  }
  std::sort(by_rank_.begin(), by_rank_.end(),
            [](const ScalingPolicy* left, const ScalingPolicy* right) {
              return std::tuple(left->target.selector.has_value(), FullName(*left)) <
                     std::tuple(right->target.selector.has_value(), FullName(*right));
            });
}

std::vector<const ScalingPolicy*> PolicySet::All() const {
  auto all = by_rank_;
  std::sort(all.begin(), all.end(), [](const ScalingPolicy* left, const ScalingPolicy* right) {
    return FullName(*left) < FullName(*right);
  });
  return all;
}

std::vector<const ScalingPolicy*> PolicySet::Matching(const Subject& subject) const {
  std::vector<const ScalingPolicy*> matching;
  std::copy_if(by_rank_.begin(), by_rank_.end(), std::back_inserter(matching),
               [&](const ScalingPolicy* policy) { return policy->Matches(subject); });
  return matching;
}

std::optional<Resolved> PolicySet::Resolve(const Subject& subject) const {
  const auto found =
      std::find_if(by_rank_.begin(), by_rank_.end(),
                   [&](const ScalingPolicy* policy) { return policy->Matches(subject); });
  if (found == by_rank_.end()) {
    return std::nullopt;
  }
  const auto& policy = **found;
  Resolved resolved{.policy = policy.terms, .tenant = subject.name, .override_name = {}};
  if (const auto overrides = MatchingOverrides(policy, subject); !overrides.empty()) {
    resolved.policy = overrides.front()->terms;
    resolved.override_name = overrides.front()->name;
  }
  if (const auto label = subject.labels.find(policy.tenant_label);
      label != subject.labels.end() && !label->second.empty()) {
    resolved.tenant = label->second;
  }
  return resolved;
}

std::vector<Problem> PolicySet::Check(const std::vector<Subject>& subjects) const {
  Findings findings;
  std::set<const ScalingPolicy*> matched;
  for (const auto& subject : subjects) {
    const auto matching = Matching(subject);
    matched.insert(matching.begin(), matching.end());
    if (!matching.empty()) {
      CheckSubject(matching, subject, findings);
    }
  }
  for (const auto* policy : by_rank_) {
    if (!matched.contains(policy)) {
      findings.Add(*policy, "spec.target", policy->at, FullName(*policy) + " matches no workload");
    }
  }
  return findings.Problems();
}

}  // namespace scaler::policy

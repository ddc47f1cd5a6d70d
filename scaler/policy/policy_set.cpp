#include "scaler/policy/policy_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
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

/// The label's value; `otherwise` where it is absent or empty.
std::string LabelOr(const Labels& labels, const std::string& key, const std::string& otherwise) {
  const auto found = labels.find(key);
  return found != labels.end() && !found->second.empty() ? found->second : otherwise;
}

/// A whole number that fits; 0 where it is none.
int ParsePriority(const std::string& text) {
  int priority = 0;
  const char* const end = text.data() + text.size();
  const auto [next, code] = std::from_chars(text.data(), end, priority);
  return code == std::errc{} && next == end ? priority : 0;
}

template <typename T>
void AddAll(const std::vector<T>& documents, std::vector<const T*>& all) {
  for (const auto& document : documents) {
    all.push_back(&document);
  }
}

/// Gathers the findings of Check: one for each kind and policy, with how many it stands for.
class Findings {
 public:
  void Add(const std::string& file, std::string_view path, Position at, std::string what) {
    auto& finding = findings_[{file, at, std::string(path)}];
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
        (*loser)->file, "spec.target", (*loser)->at,
        fmt::format("{} also matches {} and scales it", FullName(winner), FullName(subject)));
  }
  const auto overrides = MatchingOverrides(winner, subject);
  for (std::size_t i = 1; i < overrides.size(); ++i) {
    findings.Add(winner.file, "spec.overrides." + overrides[i]->name, overrides[i]->at,
                 fmt::format("override {} also matches {} and applies, being first by name",
                             overrides[0]->name, FullName(subject)));
  }
  if (!winner.tenant_label.empty() && !subject.labels.contains(winner.tenant_label)) {
    findings.Add(winner.file, "spec.tenant.fromLabel", winner.at,
                 fmt::format("{} has no label {}; its name is taken for its tenant",
                             FullName(subject), winner.tenant_label));
  }
}

}  // namespace

/// Ten thousand policies are not asked one by one for each of ten thousand workloads.
struct PolicySet::Index {
  using Places = std::vector<std::size_t>;  ///< In the rank order, rising.

  explicit Index(const std::vector<const ScalingPolicy*>& by_rank) {
    for (std::size_t place = 0; place < by_rank.size(); ++place) {
      const auto& policy = *by_rank[place];
      const auto& selector = policy.target.selector;
      if (!selector) {
        by_name[{policy.name_space, policy.target.name}].push_back(place);
      } else if (selector->match_labels.empty()) {
        by_name_space[policy.name_space].push_back(place);
      } else {
        // One label is enough to leave most out.
        const auto& [key, value] = *selector->match_labels.begin();
        by_label[{policy.name_space, key, value}].push_back(place);
      }
    }
  }

  /// Calls use(places) with each list of those that may match.
  template <typename Use>
  void ForEach(const Subject& subject, Use use) const {
    const auto look = [&](const auto& map, const auto& key) {
      if (const auto found = map.find(key); found != map.end()) {
        use(found->second);
      }
    };
    look(by_name, std::tuple(subject.name_space, subject.name));
    look(by_name_space, subject.name_space);
    for (const auto& [key, value] : subject.labels) {
      look(by_label, std::tuple(subject.name_space, key, value));
    }
  }

  std::map<std::tuple<std::string, std::string>, Places> by_name;
  std::map<std::string, Places> by_name_space;
  std::map<std::tuple<std::string, std::string, std::string>, Places> by_label;
};

PolicySet::PolicySet(std::map<std::string, FileDocuments> files) : files_(std::move(files)) {
  for (const auto& [file, documents] : files_) {
    AddAll(documents->policies, by_rank_);
    AddAll(documents->groups, groups_);
    AddAll(documents->capacity, capacity_);
  }
  std::sort(groups_.begin(), groups_.end(),
            [](const auto* left, const auto* right) { return left->name < right->name; });
  std::sort(capacity_.begin(), capacity_.end(), [](const auto* left, const auto* right) {
    return left->terms.name < right->terms.name;
  });
  std::sort(by_rank_.begin(), by_rank_.end(),
            [](const ScalingPolicy* left, const ScalingPolicy* right) {
              return std::tuple(left->target.selector.has_value(), FullName(*left)) <
                     std::tuple(right->target.selector.has_value(), FullName(*right));
            });
  index_ = std::make_shared<const Index>(by_rank_);
}

std::vector<const ScalingPolicy*> PolicySet::All() const {
  auto all = by_rank_;
  std::sort(all.begin(), all.end(), [](const ScalingPolicy* left, const ScalingPolicy* right) {
    return FullName(*left) < FullName(*right);
  });
  return all;
}

std::vector<std::size_t> PolicySet::Matching(const Subject& subject, bool all) const {
  std::vector<std::size_t> matching;
  if (index_ == nullptr) {
    return matching;
  }
  index_->ForEach(subject, [&](const Index::Places& places) {
    for (const auto place : places) {
      if (!all && !matching.empty() && place > matching.front()) {
        return;
      }
      if (by_rank_[place]->Matches(subject)) {
        matching.insert(all ? matching.end() : matching.begin(), place);
      }
    }
  });
  std::sort(matching.begin(), matching.end());
  return matching;
}

std::optional<Resolved> PolicySet::Resolve(const Subject& subject) const {
  const auto matching = Matching(subject, false);
  if (matching.empty()) {
    return std::nullopt;
  }
  const auto& policy = *by_rank_[matching.front()];
  Resolved resolved{
      .policy = {}, .original = nullptr, .tenant = subject.name, .override_name = {}, .peer = {}};
  const auto* terms = &policy.terms;
  if (const auto overrides = MatchingOverrides(policy, subject); !overrides.empty()) {
    terms = &overrides.front()->terms;
    resolved.override_name = overrides.front()->name;
  }
  resolved.policy = terms->policy;
  resolved.original = &terms->policy;
  resolved.peer = LabelOr(subject.labels, terms->peer_label, {});
  resolved.tenant = LabelOr(subject.labels, policy.tenant_label, subject.name);
  return resolved;
}

std::vector<Membership> PolicySet::GroupsOf(const Subject& subject,
                                            const std::string& tenant) const {
  std::vector<Membership> memberships;
  for (const auto* group : groups_) {
    if (group->selector.Matches(subject.labels)) {
      memberships.push_back(
          {.group = group,
           .sharer = group->by == ScalingGroup::By::kTenant ? tenant : FullName(subject),
           .priority = ParsePriority(LabelOr(subject.labels, group->priority_label, {}))});
    }
  }
  return memberships;
}

std::vector<Problem> PolicySet::Check(const std::vector<Subject>& subjects) const {
  Findings findings;
  std::set<const ScalingPolicy*> matched;
  for (const auto& subject : subjects) {
    std::vector<const ScalingPolicy*> matching;
    for (const auto place : Matching(subject, true)) {
      matching.push_back(by_rank_[place]);
    }
    matched.insert(matching.begin(), matching.end());
    if (!matching.empty()) {
      CheckSubject(matching, subject, findings);
    }
  }
  for (const auto* policy : by_rank_) {
    if (!matched.contains(policy)) {
      findings.Add(policy->file, "spec.target", policy->at,
                   FullName(*policy) + " matches no workload");
    }
  }
  for (const auto* group : groups_) {
    if (std::none_of(subjects.begin(), subjects.end(), [&](const Subject& subject) {
          return group->selector.Matches(subject.labels);
        })) {
      findings.Add(group->file, "spec.selector", group->at,
                   TitleOf(*group) + " matches no workload");
    }
  }
  return findings.Problems();
}

}  // namespace scaler::policy

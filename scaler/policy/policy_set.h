#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/yaml/problem.h"
#include "scaler/policy/documents.h"

namespace scaler::policy {

/// What applies to one workload.
struct Resolved {
  engine::Policy policy;
  const engine::Policy* original = nullptr;  ///< The set's own; valid as long as that.
  std::string tenant;                        ///< Whose requests count for the workload.
  std::string override_name;                 ///< Which override applies; empty: none.
  /// The other workload of a blue-green pair, in the same namespace; empty: none.
  std::string peer;
};

/// How a workload counts within a group whose cap it shares.
struct Membership {
  const ScalingGroup* group = nullptr;
  std::string sharer;  ///< The tenant or the workload, as the group shares between them.
  int priority = 0;    ///< Of the group's label; 0 where that is absent or no whole number.
};

/// The documents of a file, or the last good ones that it had.
using FileDocuments = std::shared_ptr<const Documents>;

/// All policies in force. A value: immutable, cheap to copy, safe to read from any thread.
class PolicySet {
 public:
  PolicySet() = default;

  /// `files` holds the documents by file; a name of one kind comes once in all of them.
  explicit PolicySet(std::map<std::string, FileDocuments> files);

  [[nodiscard]] const std::map<std::string, FileDocuments>& Files() const { return files_; }

  /// Every policy, by full name.
  [[nodiscard]] std::vector<const ScalingPolicy*> All() const;

  /// By name.
  [[nodiscard]] const std::vector<const ScalingGroup*>& Groups() const { return groups_; }
  [[nodiscard]] const std::vector<const CapacityPolicy*>& Capacity() const { return capacity_; }

  /// The same set with the intervals of every schedule between `from` and `until`, in UTC, in its
  /// policies. An engine that decides with another set has no schedules. Make it for some days
  /// more than the time until it is made anew; some 3 ms for a thousand of them.
  [[nodiscard]] PolicySet Scheduled(engine::Time from, engine::Time until) const;

  /// Of the policies that match, one that names the workload goes before those with a selector;
  /// of several alike, the first by name. Nothing where none matches.
  [[nodiscard]] std::optional<Resolved> Resolve(const Subject& subject) const;

  /// The groups whose caps the workload shares, by name; `tenant` is what Resolve says. Valid as
  /// long as the set or a copy of it.
  [[nodiscard]] std::vector<Membership> GroupsOf(const Subject& subject,
                                                 const std::string& tenant) const;

  /// What only shows beside the workloads that there are: policies and overrides that compete for
  /// one, policies and groups that match none, tenants' labels that are absent. At most one
  /// problem for each kind and policy, however many workloads it concerns.
  [[nodiscard]] std::vector<common::yaml::Problem> Check(
      const std::vector<Subject>& subjects) const;

 private:
  /// Those of the rank order that may match, by their name, by one of their labels or by none.
  struct Index;

  /// The places of all in the rank order that match, in that order; of the first alone where no
  /// more are asked for.
  [[nodiscard]] std::vector<std::size_t> Matching(const Subject& subject, bool all) const;

  std::map<std::string, FileDocuments> files_;
  /// In the order in which they are asked: name before selector, then by full name.
  std::vector<const ScalingPolicy*> by_rank_;
  std::shared_ptr<const Index> index_;  ///< Never null where there are policies.
  std::vector<const ScalingGroup*> groups_;
  std::vector<const CapacityPolicy*> capacity_;
};

}  // namespace scaler::policy

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/yaml/problem.h"
#include "scaler/policy/scaling_policy.h"

namespace scaler::policy {

/// What applies to one workload.
struct Resolved {
  engine::Policy policy;
  std::string tenant;         ///< Whose requests count for the workload.
  std::string override_name;  ///< Which override applies; empty: none.
};

/// The policies of a file, or the last good ones that it had.
using FilePolicies = std::shared_ptr<const std::vector<ScalingPolicy>>;

/// All policies in force. A value: immutable, cheap to copy, safe to read from any thread.
class PolicySet {
 public:
  PolicySet() = default;

  /// `files` holds the policies by file; a full name comes once in all of them.
  explicit PolicySet(std::map<std::string, FilePolicies> files);

  [[nodiscard]] const std::map<std::string, FilePolicies>& Files() const { return files_; }

  /// Every policy, by full name.
  [[nodiscard]] std::vector<const ScalingPolicy*> All() const;

  /// Of the policies that match, one that names the workload goes before those with a selector;
  /// of several alike, the first by name. Nothing where none matches.
  [[nodiscard]] std::optional<Resolved> Resolve(const Subject& subject) const;

  /// What only shows beside the workloads that there are: policies and overrides that compete for
  /// one, policies that match none, tenants' labels that are absent. At most one problem for each
  /// kind and policy, however many workloads it concerns.
  [[nodiscard]] std::vector<common::yaml::Problem> Check(
      const std::vector<Subject>& subjects) const;

 private:
  [[nodiscard]] std::vector<const ScalingPolicy*> Matching(const Subject& subject) const;

  std::map<std::string, FilePolicies> files_;
  /// In the order in which they are asked: name before selector, then by full name.
  std::vector<const ScalingPolicy*> by_rank_;
};

}  // namespace scaler::policy

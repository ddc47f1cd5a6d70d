#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/yaml/problem.h"
#include "scaler/engine/policy.h"
#include "scaler/policy/schedule/cron.h"
#include "scaler/policy/selector.h"

namespace scaler::policy {

/// A workload, as far as it matters for the question of which policy applies to it.
struct Subject {
  std::string name_space;
  std::string name;
  Labels labels;
  std::string kind = {};  ///< "Deployment"; empty: its platform has but one.
};

/// Which workloads a policy is for, within its namespace: one by its name, or many by labels.
struct Target {
  /// "Deployment", "StatefulSet" or "Process"; empty: of any kind.
  std::string kind;
  std::string name;                  ///< Empty where there is a selector.
  std::optional<Selector> selector;  ///< Empty where there is a name.

  friend bool operator==(const Target&, const Target&) = default;
};

/// Other bounds of the replicas at certain times.
struct BoundsSchedule {
  std::string name;
  schedule::Recurrence when;
  std::optional<int> min;
  std::optional<int> max;

  friend bool operator==(const BoundsSchedule&, const BoundsSchedule&) = default;
};

/// How a workload is to be scaled, with the defaults filled in.
struct Terms {
  /// Its schedule is empty: see PolicySet::Scheduled.
  engine::Policy policy;
  std::vector<BoundsSchedule> schedules;  ///< By name.
  /// The label that names the other workload of a blue-green pair; empty: there is none.
  std::string peer_label;

  friend bool operator==(const Terms&, const Terms&) = default;
};

/// Other terms for some of the workloads that the policy is for.
struct Override {
  std::string name;
  Selector selector;
  Terms terms;  ///< Complete: the policy's own terms with the override's in their place.
  common::yaml::Position at;

  friend bool operator==(const Override&, const Override&) = default;
};

/// One document of kind ScalingPolicy, checked, with defaults filled in.
struct ScalingPolicy {
  std::string name_space;
  std::string name;
  Target target;
  std::string tenant_label;  ///< Empty: the workload's name is the tenant.
  Terms terms;
  std::vector<Override> overrides;  ///< By name. The first that matches applies.

  std::string file;
  common::yaml::Position at;

  [[nodiscard]] bool Matches(const Subject& subject) const;

  /// The same to a scaler; where it stands in its file does not matter.
  [[nodiscard]] bool SameAs(const ScalingPolicy& other) const;
};

/// "namespace/name".
[[nodiscard]] std::string FullName(const ScalingPolicy& policy);

}  // namespace scaler::policy

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/yaml/problem.h"
#include "scaler/engine/policy.h"

namespace scaler::policy {

using Labels = std::map<std::string, std::string>;

/// A workload, as far as it matters for the question of which policy applies to it.
struct Subject {
  std::string name_space;
  std::string name;
  Labels labels;
};

/// Kubernetes' matchLabels: every one of them must be there. Never empty.
struct Selector {
  Labels match_labels;

  [[nodiscard]] bool Matches(const Labels& labels) const;

  friend bool operator==(const Selector&, const Selector&) = default;
};

/// Which workloads a policy is for, within its namespace: one by its name, or many by labels.
struct Target {
  /// "Deployment" or "Process"; for the reader, as no platform has more than one kind yet.
  std::string kind;
  std::string name;                  ///< Empty where there is a selector.
  std::optional<Selector> selector;  ///< Empty where there is a name.

  friend bool operator==(const Target&, const Target&) = default;
};

/// Other terms for some of the workloads that the policy is for.
struct Override {
  std::string name;
  Selector selector;
  engine::Policy terms;  ///< Complete: the policy's own terms with the override's in their place.
  common::yaml::Position at;

  friend bool operator==(const Override&, const Override&) = default;
};

/// One document of kind ScalingPolicy, checked, with defaults filled in.
struct ScalingPolicy {
  std::string name_space;
  std::string name;
  Target target;
  std::string tenant_label;  ///< Empty: the workload's name is the tenant.
  engine::Policy terms;
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

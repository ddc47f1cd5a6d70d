#pragma once

#include <string>

#include "common/yaml/problem.h"
#include "scaler/engine/group.h"
#include "scaler/policy/selector.h"

namespace scaler::policy {

/// One document of kind ScalingGroup: a cap that the workloads of all namespaces share whose
/// labels match.
struct ScalingGroup {
  /// Between whom the cap is shared fairly.
  enum class By { kTenant, kWorkload };

  std::string name;
  Selector selector;
  engine::ScalingGroup limits;
  By by = By::kTenant;
  /// The label whose whole number says who is served first; empty: nobody.
  std::string priority_label;

  std::string file;
  common::yaml::Position at;

  [[nodiscard]] bool SameAs(const ScalingGroup& other) const {
    return name == other.name && selector == other.selector && limits == other.limits &&
           by == other.by && priority_label == other.priority_label;
  }
};

}  // namespace scaler::policy

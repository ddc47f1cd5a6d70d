#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/yaml/problem.h"
#include "scaler/policy/document/node.h"

namespace scaler::policy::importer {

/// What a file of other autoscalers' objects comes to.
struct Import {
  std::vector<document::Node> policies;  ///< A ScalingPolicy for each object, in its order.
  /// What could not be carried over, where it stands and why; the policies do without.
  std::vector<common::yaml::Problem> left_out;
  /// Why nothing could be made of an object at all.
  std::vector<common::yaml::Problem> problems;
};

/// Takes HorizontalPodAutoscaler (autoscaling/v1, v2, v2beta2) and ScaledObject (keda.sh/v1alpha1),
/// also in a List. `file` is the name to print.
[[nodiscard]] Import ImportText(std::string_view text, const std::string& file);

}  // namespace scaler::policy::importer

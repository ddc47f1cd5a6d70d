#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scaler::kubernetes::workloads {

/// autoscaling/v1 Scale, what an object says of its number.
struct ScaleObject {
  std::string uid;
  std::string resource_version;
  int replicas = 0;      ///< spec.replicas.
  std::string selector;  ///< status.selector.
};

/// Nothing where it is none.
[[nodiscard]] std::optional<ScaleObject> ReadScale(std::string_view json);

}  // namespace scaler::kubernetes::workloads

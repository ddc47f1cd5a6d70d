#pragma once

#include <compare>
#include <string>

#include "common/kubernetes/object.h"

namespace scaler::kubernetes::workloads {

/// A kind of object that has a scale subresource.
struct Kind {
  std::string group_version;  ///< "apps/v1".
  std::string plural;         ///< "deployments".
  std::string name;           ///< "Deployment".

  friend auto operator<=>(const Kind&, const Kind&) = default;
};

[[nodiscard]] inline Kind Deployments() { return {"apps/v1", "deployments", "Deployment"}; }
[[nodiscard]] inline Kind StatefulSets() { return {"apps/v1", "statefulsets", "StatefulSet"}; }
[[nodiscard]] inline Kind ReplicaSets() { return {"apps/v1", "replicasets", "ReplicaSet"}; }

/// "apps" of "apps/v1"; empty of "v1".
[[nodiscard]] std::string GroupOf(const std::string& group_version);

/// "/apis/apps/v1/deployments": those of all namespaces.
[[nodiscard]] std::string PathOf(const Kind& kind);

/// "/apis/apps/v1/namespaces/shops/deployments/shop-1/scale".
[[nodiscard]] std::string ScalePathOf(const Kind& kind, const common::kubernetes::ObjectKey& key);

}  // namespace scaler::kubernetes::workloads

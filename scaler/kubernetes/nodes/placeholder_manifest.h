#pragma once

#include <string>
#include <string_view>

#include "scaler/engine/capacity/decision.h"

namespace scaler::kubernetes::nodes {

struct PlaceholderOptions {
  std::string name_space = "trimtab";
  std::string image = "registry.k8s.io/pause:3.10";
  /// Of a value so low that all others preempt it, and not below what an autoscaler of nodes makes
  /// room for (-10 for Cluster Autoscaler).
  std::string priority_class = "trimtab-placeholder";
};

/// A CapacityPolicy, by which its placeholders go when it goes.
struct PlaceholderOwner {
  std::string name;
  std::string uid;  ///< Empty: the policy is no object of the cluster.

  friend bool operator==(const PlaceholderOwner&, const PlaceholderOwner&) = default;
};

/// Tells whether a Deployment is as we would write it but for its number of replicas.
inline constexpr std::string_view kContentAnnotation = "trimtab.io/content";

/// "trimtab-placeholder-shape-shop": valid as the name of an object, and another for each.
[[nodiscard]] std::string DeploymentNameOf(const engine::capacity::Placeholder& placeholder);

/// A Deployment, whose ReplicaSet makes a pod anew in the moment in which another has taken its
/// place. Its pods meet the Pod Security Standard "restricted".
struct PlaceholderManifest {
  std::string name;
  std::string content;  ///< A digest of all but the number of replicas.
  int replicas = 0;

  /// The object as JSON; `resource_version` of the one that it replaces, empty for a new one.
  [[nodiscard]] std::string Json(const std::string& resource_version) const;

  std::string owner_references;  ///< JSON.
  std::string pod_template;      ///< JSON.
  std::string policy;
  std::string name_space;
};

[[nodiscard]] PlaceholderManifest ManifestOf(const engine::capacity::Placeholder& placeholder,
                                             const PlaceholderOwner& owner,
                                             const PlaceholderOptions& options);

}  // namespace scaler::kubernetes::nodes

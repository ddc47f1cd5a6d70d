#pragma once

#include <string>
#include <vector>

namespace tests {

/// What an API server knows of a kind beside its objects.
struct ApiKind {
  std::string kind = {};         ///< "Deployment"; empty: any.
  std::string api_version = {};  ///< "apps/v1"; empty: from the path.
  bool namespaced = true;
  bool has_status = false;      ///< /status is apart from the rest.
  bool has_scale = false;       ///< /scale, of spec.replicas.
  bool has_generation = false;  ///< Counts the changes of what is wanted.
  /// What a field selector may name beside metadata.name and metadata.namespace.
  std::vector<std::string> fields = {};
};

/// Of a collection of a real server, "/apis/apps/v1/deployments"; a namespaced custom resource
/// with status where it is none.
[[nodiscard]] ApiKind KnownKind(const std::string& collection);

}  // namespace tests

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/cluster/support/control_plane.h"

namespace cluster {

/// One request of a service account of ours, as the API server has noted it.
struct Request {
  std::string account;          ///< "trimtab-scaler".
  std::string verb;             ///< "list"
  std::string group;            ///< "apps"; empty for the core.
  std::string resource;         ///< "deployments/scale"
  std::string name_space;       ///< Empty: of all.
  std::string name;             ///< Empty: not of one object.
  int code = 0;                 ///< 403: the role does not grant it.
  std::optional<int> replicas;  ///< What a write wanted.
};

/// All that have been answered so far, in their order. A watch is there once it has begun.
[[nodiscard]] std::vector<Request> Requests(const ControlPlane& plane);

/// The accepted writes of an object's number of replicas, in their order.
[[nodiscard]] std::vector<int> Written(const ControlPlane& plane, const std::string& name_space,
                                       const std::string& name);

}  // namespace cluster

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/cluster/support/control_plane.h"

namespace cluster {

/// One request of a service account of ours, or a write of the HPA's, as the API server has noted
/// it.
struct Request {
  using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

  std::string account;          ///< "trimtab-scaler".
  std::string verb;             ///< "list"
  std::string group;            ///< "apps"; empty for the core.
  std::string resource;         ///< "deployments/scale"
  std::string name_space;       ///< Empty: of all.
  std::string name;             ///< Empty: not of one object.
  int code = 0;                 ///< 403: the role does not grant it.
  std::optional<int> replicas;  ///< What a write wanted.
  Time received;                ///< When it came, by the wall clock.
  Time answered;                ///< When the answer was complete; of a watch, when it began.
};

/// All that have been answered so far, in their order. A watch is there once it has begun.
[[nodiscard]] std::vector<Request> Requests(const ControlPlane& plane);

/// Reads what the API server notes while it goes on noting.
class AuditReader {
 public:
  explicit AuditReader(const ControlPlane& plane) : path_(plane.AuditLog()) {}

  /// Those that have been answered since the last call, in their order.
  [[nodiscard]] std::vector<Request> Next();

 private:
  const std::filesystem::path path_;
  std::ifstream file_;  ///< There is none before the first note.
  std::string begun_;   ///< A line that was not whole yet.
};

/// Our accepted writes of an object's number of replicas, in their order.
[[nodiscard]] std::vector<int> Written(const ControlPlane& plane, const std::string& name_space,
                                       const std::string& name);

}  // namespace cluster

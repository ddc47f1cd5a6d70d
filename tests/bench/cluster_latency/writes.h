#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/clock.h"
#include "tests/cluster/support/audit.h"

namespace cluster::latency {

/// An accepted write of a workload's number.
struct Write {
  bool ours = false;  ///< Else the HPA's.
  int to = 0;
  common::MonotonicTime received;
  common::MonotonicTime accepted;  ///< When the API server's answer was complete.
};

/// The accepted writes of one namespace's numbers, from the API server's audit log.
///
/// The log has the wall clock of this host. Its times become those of the monotonic clock as soon
/// as they are read: a wall clock that jumps makes nothing look faster or slower, unless it does so
/// in between.
class Writes {
 public:
  Writes(const ControlPlane& plane, std::string name_space);

  /// Takes what is new. Call it often.
  void Poll();

  /// In their order.
  [[nodiscard]] const std::vector<Write>& Of(const std::string& workload) const;

 private:
  AuditReader audit_;
  const std::string name_space_;
  std::map<std::string, std::vector<Write>> writes_;
};

}  // namespace cluster::latency

#pragma once

#include <cstdint>
#include <string>

#include "common/http/client.h"
#include "tests/cluster/support/control_plane.h"

namespace cluster::latency {

/// The adapter from which the HPA gets external metrics, as the API server's APIService.
class ExternalMetrics {
 public:
  /// Starts and registers it, and waits until the API server asks it. Throws std::runtime_error.
  explicit ExternalMetrics(ControlPlane& plane);

  /// Whoever asks from now on gets this number. Throws std::runtime_error.
  void Set(const std::string& metric, int value) const;

 private:
  const std::string address_;
  const common::http::Client client_;
};

}  // namespace cluster::latency

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cluster/support/control_plane.h"

namespace cluster::latency {

/// A tenant behind the ingress.
struct Shop {
  std::string name;  ///< Also of its backend and its workload.
  std::string host;
  bool asleep = false;  ///< Nobody serves it, as of a Service without endpoints.
};

/// A real HAProxy, set up as the local platform's, the writer of its log, and a real trimtab-agent
/// that reads both and follows the pods of one node. KWOK's pods serve nobody: a small web server
/// stands in for the Service of each shop that is awake.
class Ingress {
 public:
  /// Starts all of it and waits until it serves. Throws std::runtime_error.
  Ingress(ControlPlane& plane, const std::vector<Shop>& shops);

  [[nodiscard]] std::uint16_t Port() const { return port_; }
  /// "127.0.0.1:12345"
  [[nodiscard]] std::string AgentAddress() const;

 private:
  void WriteConfiguration(const std::vector<Shop>& shops) const;
  void Start(const std::string& name, const std::vector<std::string>& command) const;
  void AwaitAnswer(const std::string& address, const std::string& target, int status) const;
  [[nodiscard]] std::string File(const std::string& name) const;

  ControlPlane& plane_;
  const std::filesystem::path directory_;
  const std::uint16_t port_;
  const std::uint16_t log_port_;
  const std::uint16_t service_port_;
  const std::uint16_t agent_port_;
};

}  // namespace cluster::latency

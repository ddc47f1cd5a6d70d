#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "exporters/server.h"
#include "tests/cluster/support/control_plane.h"

namespace cluster {

/// A trimtab-agent on this host that acts under the service account of the manifests, told that it
/// runs on a node that KWOK plays, with a metadata service as AWS has one. Ended with SIGKILL when
/// this is gone.
class NodeAgent {
 public:
  /// Of a node there is one in a test binary. Starts it. Throws std::runtime_error.
  NodeAgent(ControlPlane& plane, std::string node);
  ~NodeAgent();
  NodeAgent(const NodeAgent&) = delete;
  NodeAgent& operator=(const NodeAgent&) = delete;

  /// "127.0.0.1:12345", for the scaler's list of agents.
  [[nodiscard]] std::string Address() const;
  [[nodiscard]] const std::string& Node() const { return node_; }

  /// From now on the metadata service says that the node is taken away in so many whole seconds.
  void SayItGoesIn(std::chrono::seconds time);
  /// It recommends to leave the node.
  void SayItShouldGo();
  /// It says no such thing any more.
  void SayItStays();

  /// After Kill: with what it had written.
  void Start();
  void Kill();

  /// The page at `path`; empty if it does not answer.
  [[nodiscard]] std::string Get(const std::string& path) const;
  [[nodiscard]] std::string Log() const;
  /// What it has kept of restarts for the time after its end, a second after it counts them.
  [[nodiscard]] std::string Kept() const;

 private:
  [[nodiscard]] exporters::HttpResponse Tell(const exporters::HttpRequest& request) const;

  ControlPlane& plane_;
  const std::string node_;
  const std::string name_;
  const std::filesystem::path directory_;
  const std::uint16_t port_;
  mutable std::mutex mutex_;
  std::string action_;     ///< As the service has it; empty: there is none.
  std::string rebalance_;  ///< The same.
  std::unique_ptr<exporters::Server> metadata_;
};

}  // namespace cluster

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/cluster/support/control_plane.h"

namespace cluster {

/// A trimtab-scaler on this host that acts under the service account of the manifests, because KWOK
/// runs no containers. Ended with SIGKILL when this is gone.
class Scaler {
 public:
  /// What is unusual about its world.
  struct World {
    std::uint16_t api_port = 0;  ///< Where it finds the API server; 0: where that listens.
    bool own_clock = false;      ///< SetClock works.
    bool says_all = false;       ///< Its log has what is of use only to who looks for a fault.
  };

  /// `name` is unique in a test binary; `agents` is its static list of agents. Starts it.
  Scaler(ControlPlane& plane, std::string name, std::vector<std::string> agents)
      : Scaler(plane, std::move(name), std::move(agents), World{}) {}
  Scaler(ControlPlane& plane, std::string name, std::vector<std::string> agents, World world);
  ~Scaler();
  Scaler(const Scaler&) = delete;
  Scaler& operator=(const Scaler&) = delete;

  /// Starts it, after Kill or Stop: with what it had written.
  void Start();
  void Kill();
  /// SIGTERM; true if it ended by itself within 30 s.
  bool Stop();
  /// SIGSTOP and SIGCONT.
  void Pause();
  void Resume();

  /// Somebody sets the clock on its wall: from now on it is so far from the others'.
  void SetClock(std::chrono::seconds ahead) const;

  /// A new token for the same account, as Kubernetes itself brings one.
  void RenewToken() const;

  /// "127.0.0.1:12345"
  [[nodiscard]] std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// The page at `path`; empty if it does not answer.
  [[nodiscard]] std::string Get(const std::string& path) const;
  [[nodiscard]] bool IsReady() const { return Get("/readyz").starts_with("ready"); }
  [[nodiscard]] std::string Log() const;
  [[nodiscard]] bool IsRunning();
  /// Its process; 0 while there is none.
  [[nodiscard]] pid_t Process() const;

 private:
  ControlPlane& plane_;
  const std::string name_;
  const std::filesystem::path directory_;
  const std::uint16_t port_;
  const World world_;
};

}  // namespace cluster

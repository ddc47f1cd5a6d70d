#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/io_loop.h"
#include "common/lifecycle/record.h"
#include "scaler/local/local_platform.h"

namespace scaler::local {

/// A scratch directory with a HAProxy in front of one workload, "shop". Everything in it ends
/// with it.
class World {
 public:
  World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  /// Whether Debian's haproxy is installed.
  [[nodiscard]] static bool HasHaproxy();

  void StartHaproxy();
  /// As a crash: without a chance to say good-bye.
  void KillHaproxy();
  [[nodiscard]] int Port() const { return port_; }

  /// What the tests run unless they change it: 48 MiB, quick health checks and back-offs.
  [[nodiscard]] Spec DefaultSpec() const;

  void OpenPlatform(const Spec& spec, const std::filesystem::path& root = "/");
  /// As the kill of a scaler: nothing is said to anybody.
  void DropPlatform() { platform_.reset(); }
  [[nodiscard]] LocalPlatform& Platform() { return *platform_; }

  void Scale(int replicas);
  void Stop();

  /// Runs the loop until `holds` or `limit`; whether it holds.
  bool Until(const std::function<bool()>& holds,
             std::chrono::milliseconds limit = std::chrono::seconds(20));
  void RunFor(std::chrono::milliseconds duration);

  [[nodiscard]] std::vector<platform::Replica> Replicas() const;
  [[nodiscard]] int Count(platform::Phase phase) const;
  [[nodiscard]] bool AllReady(int replicas) const;

  [[nodiscard]] std::vector<common::lifecycle::Record> Lifecycle() const;
  [[nodiscard]] std::vector<common::lifecycle::Record> Ends() const;
  /// The names of HAProxy's servers with their status, "shop-1 no check".
  [[nodiscard]] std::vector<std::string> Servers() const;
  /// Processes and cgroups of this world that are still there.
  [[nodiscard]] std::vector<std::string> LeftBehind() const;
  /// The port on which a replica listens.
  [[nodiscard]] int PortOf(const std::string& replica) const;
  /// The pid of a replica's shim, or 0.
  [[nodiscard]] pid_t ShimOf(const std::string& replica) const;
  /// Everything that helps to understand a failure.
  [[nodiscard]] std::string Story() const;
  [[nodiscard]] const std::filesystem::path& Directory() const { return directory_; }

 private:
  [[nodiscard]] std::vector<pid_t> Processes() const;
  [[nodiscard]] std::vector<std::filesystem::path> CgroupDirectories() const;

  std::filesystem::path directory_;
  std::string cgroup_parent_;
  int listener_ = -1;
  int port_ = 0;
  pid_t haproxy_ = 0;
  common::IoLoop loop_;
  std::unique_ptr<LocalPlatform> platform_;
};

}  // namespace scaler::local

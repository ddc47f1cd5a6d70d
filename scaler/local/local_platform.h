#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/result.h"
#include "scaler/local/spec.h"
#include "scaler/platform/node_platform.h"
#include "scaler/platform/platform.h"

namespace common {
class IoLoop;
}  // namespace common

namespace scaler::local {

struct LocalOptions {
  std::filesystem::path state;       ///< A directory of the platform's own; made if need be.
  std::filesystem::path shim;        ///< Empty: trimtab-shim beside the running program.
  std::filesystem::path root = "/";  ///< Where the machine's /proc and /sys are.
};

/// The platform that needs nothing but this machine: every replica is a process under a shim.
///
/// Replicas outlive it. A new one on the same state directory adopts them. Belongs to the loop's
/// thread.
class LocalPlatform final : public platform::Platform, public platform::NodePlatform {
 public:
  /// Adopts what lives and starts what is missing. Fails where the state directory cannot be used
  /// (another platform uses it: resource_unavailable_try_again) or there is no shim.
  [[nodiscard]] static common::Result<std::unique_ptr<LocalPlatform>> Open(
      common::IoLoop& loop, const Spec& spec, const LocalOptions& options);

  /// Lets the replicas go on.
  ~LocalPlatform() override;

  [[nodiscard]] platform::Workloads List() const override;
  void Scale(const platform::WorkloadId& workload, int replicas,
             std::function<void(common::Result<void>)> done) override;
  void OnChange(std::function<void()> changed) override;

  /// Of nodes: only where the spec has a provider of them.
  [[nodiscard]] platform::HostView ListNodes() const override;
  void SeeNodes(const platform::ProviderView& provider) override;
  void SetPlacement(const std::map<platform::WorkloadId, engine::Placement>& placement) override;
  void DrainNode(const std::string& node, const platform::Drain& drain,
                 platform::NodePlatform::Done done) override;
  void UncordonNode(const std::string& node, platform::NodePlatform::Done done) override;

  /// What the end of the scaler does to the replicas, by the spec: OnExit::kStop drains and ends
  /// all of them and removes the parent cgroup, OnExit::kKeep does nothing. Nothing is scaled any
  /// more. `done` runs once, on the loop's thread, after at most twice the longest grace period
  /// and some seconds; never from within Stop.
  void Stop(std::function<void()> done);

 private:
  class Impl;
  explicit LocalPlatform(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace scaler::local

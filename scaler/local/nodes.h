#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/result.h"
#include "scaler/engine/capacity/placement.h"
#include "scaler/local/cgroups.h"
#include "scaler/platform/node_platform.h"

namespace scaler::local {

/// The nodes of this machine as the platform knows them: which run, which are being emptied, and
/// how much of each is taken. A node is the cgroup `<cgroupParent>/<name>`, which its provider
/// makes and removes.
///
/// The marks of drains are in a file, so that they outlive the scaler as a taint would. Belongs to
/// the loop's thread.
class Nodes {
 public:
  /// `changed` is called when replicas may have to move.
  Nodes(common::Executor& executor, std::filesystem::path file, std::string cgroup_parent,
        const std::optional<Cgroups>& cgroups, std::function<void()> changed);

  void See(const platform::ProviderView& provider);
  void SetPlacement(const std::map<platform::WorkloadId, engine::Placement>& placement);

  /// Durable before it returns.
  [[nodiscard]] common::Result<void> Drain(const std::string& node, const platform::Drain& drain);
  [[nodiscard]] common::Result<void> Uncordon(const std::string& node);

  /// What a replica takes of its node, from its start until it is forgotten.
  void Claim(const std::string& replica, const std::string& node, double cpu_cores,
             double memory_bytes);
  void Release(const std::string& replica) { claims_.erase(replica); }

  /// The provider has it no longer: nothing runs there.
  [[nodiscard]] bool IsGone(const std::string& node) const;
  /// Replicas there are to be replaced elsewhere.
  [[nodiscard]] bool Moves(const std::string& node) const;
  /// ... and have so little time left that they go now. `needs`: how long one takes to go.
  [[nodiscard]] bool IsDue(const std::string& node, std::chrono::milliseconds needs) const;

  /// Which node a new replica goes to, or why none. `staying`: on which nodes others of the
  /// workload are.
  struct Found {
    std::string node;
    std::string why_not;
  };
  [[nodiscard]] Found Find(const platform::HostedWorkload& workload, int unplaced,
                           const std::vector<std::string>& staying) const;

  [[nodiscard]] std::vector<platform::HostNode> List() const;

 private:
  struct Taken {
    std::string node;
    engine::capacity::Amount amount;
  };

  void Load();
  [[nodiscard]] common::Result<void> Save() const;
  void WatchDeadlines();

  common::Executor& executor_;
  std::filesystem::path file_;
  std::string cgroup_parent_;
  const std::optional<Cgroups>& cgroups_;
  std::function<void()> changed_;
  bool seen_ = false;     ///< The provider has been heard.
  bool placing_ = false;  ///< It is known where replicas may run.
  int zones_ = 0;
  std::map<std::string, platform::ProvidedNode> running_;
  std::map<std::string, platform::Drain> drains_;
  std::map<std::string, Taken> claims_;  ///< By replica.
  std::map<platform::WorkloadId, engine::Placement> placement_;
  std::unique_ptr<common::Timer> deadline_;
};

}  // namespace scaler::local

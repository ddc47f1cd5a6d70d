#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agent/cgroup/hierarchies.h"
#include "agent/collect/snapshot.h"
#include "agent/kubernetes/pods_view.h"
#include "common/clock.h"
#include "common/file_system.h"
#include "common/result.h"

namespace agent::collect {

/// Reads what this node's pods use, container by container and pod by pod.
///
/// Which cgroup is which container is looked for in the tree when a container is new, and not again
/// soon where it was not found: a walk costs as much as many readings. Belongs to one thread.
class PodReader {
 public:
  /// `slice`: the part of the machine that is the node; empty: all of it.
  PodReader(std::filesystem::path root, std::filesystem::path slice)
      : root_(std::move(root)), slice_(std::move(slice)), fs_(root_) {}

  /// What there is now. A container without a cgroup that can be found is left out. Fails with the
  /// first cgroup that makes no sense; the others are read all the same.
  [[nodiscard]] common::Result<void> Read(const kubernetes::PodsView& view,
                                          const cgroup::Hierarchies& hierarchies,
                                          common::MonotonicTime now);

  [[nodiscard]] const std::vector<ContainerSnapshot>& Containers() const { return containers_; }
  /// One entry a pod: what its cgroup uses, with containers that have ended and been restarted.
  [[nodiscard]] const std::vector<ContainerSnapshot>& Pods() const { return pods_; }
  [[nodiscard]] const kubernetes::OomKillCounts& Kills() const { return kills_; }

 private:
  void Locate(const kubernetes::PodsView& view, const cgroup::Hierarchies& hierarchies,
              common::MonotonicTime now);
  [[nodiscard]] common::Result<void> ReadContainer(const kubernetes::RunningPod& pod,
                                                   const kubernetes::RunningContainer& container,
                                                   const std::filesystem::path& cgroup,
                                                   const cgroup::Hierarchies& hierarchies);
  [[nodiscard]] common::Result<void> ReadPod(const kubernetes::RunningPod& pod,
                                             const std::filesystem::path& cgroup,
                                             const cgroup::Hierarchies& hierarchies);

  std::filesystem::path root_;
  std::filesystem::path slice_;
  common::FileSystem fs_;
  std::map<std::string, std::filesystem::path> cgroups_;  ///< By container id.
  common::MonotonicTime walk_after_{};
  std::chrono::milliseconds pause_{0};
  std::vector<ContainerSnapshot> containers_;
  std::vector<ContainerSnapshot> pods_;
  kubernetes::OomKillCounts kills_;
};

}  // namespace agent::collect

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/executor.h"
#include "scaler/local/cgroups.h"
#include "scaler/local/cloud/spec.h"
#include "scaler/local/cloud/state.h"
#include "scaler/local/cloud/store.h"

namespace scaler::local::cloud {

/// Makes the machine what the state says: a cgroup for each node, with its limits; an agent in
/// each that runs; nothing where one is going.
///
/// Looks at what is there rather than remembering what it did, so that a program that was killed
/// goes on where it was. Belongs to the executor's thread.
class NodeHost {
 public:
  /// `cleared` is told, later, of each node of which nothing is left.
  NodeHost(common::Executor& executor, const Spec& spec, const Store& store, Cgroups cgroups,
           std::function<void(const std::string& node)> cleared);
  NodeHost(const NodeHost&) = delete;
  NodeHost& operator=(const NodeHost&) = delete;

  void Reconcile(const std::vector<Node>& nodes);

  /// Removes what all nodes have in common, unless others use it.
  void Leave() const { (void)cgroups_.Remove(spec_.cgroup_parent); }

 private:
  /// What must be tried again for a node.
  struct Work {
    Node node;  ///< As it was last said to be.
    std::unique_ptr<common::Timer> timer;
    bool made = false;  ///< Its cgroup is there.
    bool clearing = false;
    common::MonotonicTime clearing_since;
    bool told = false;  ///< That it cannot be made, or takes long to clear.
    std::chrono::milliseconds agent_pause{0};
  };

  [[nodiscard]] std::string CgroupOf(const std::string& node) const;
  void Keep(Work& work);
  void Make(Work& work);
  void KeepAgent(Work& work);
  void Clear(const std::string& node);

  common::Executor& executor_;
  const Spec& spec_;
  const Store& store_;
  Cgroups cgroups_;
  std::function<void(const std::string&)> cleared_;
  std::map<std::string, Work> work_;
};

}  // namespace scaler::local::cloud

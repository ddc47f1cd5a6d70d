#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/kubernetes/watcher.h"
#include "scaler/kubernetes/policies/object_store.h"
#include "scaler/loop/loop.h"
#include "scaler/loop/policy_book.h"
#include "scaler/platform/platform.h"
#include "scaler/policy/directory_watch.h"

namespace scaler::kubernetes::policies {

struct PolicyObjectsOptions {
  /// Where ConfigMaps with the label trimtab.io/policies=true are looked for: the scaler's own.
  std::string name_space = "trimtab";
  /// Files beside the objects; empty: none.
  std::optional<std::filesystem::path> directory;
  /// Changes that come together are taken together: after so much quiet ...
  std::chrono::milliseconds quiet{100};
  /// ... and not more often than this.
  std::chrono::milliseconds least_interval = std::chrono::seconds(1);
  /// Kinds that cannot be listed are not waited for any longer.
  std::chrono::milliseconds patience = std::chrono::seconds(10);
};

/// Gives the loop the policies of a cluster: objects of trimtab.io/v1alpha1 in all namespaces,
/// ConfigMaps with policies in the scaler's own, and a directory of files.
///
/// A ScalingPolicy is for the workloads of its own namespace. A bad source is refused as a whole
/// and what it last said goes on. Of a name that several give, the object holds, then the
/// ConfigMap, then the file; the others are refused with that word. Nothing is told to the loop
/// before everything is known, so that no policy ever holds without its group. Belongs to the
/// executor's thread.
///
/// Rights: list and watch scalingpolicies, scalinggroups and capacitypolicies of trimtab.io in the
/// whole cluster; list and watch configmaps in its own namespace.
class PolicyObjects {
 public:
  PolicyObjects(common::Executor& executor, common::kubernetes::Client& client,
                const platform::Platform& platform, PolicyObjectsOptions options = {});
  PolicyObjects(const PolicyObjects&) = delete;
  PolicyObjects& operator=(const PolicyObjects&) = delete;

  /// Begins to watch.
  void Start();

  /// What Loop::Start wants: no policies, until they are known.
  [[nodiscard]] loop::PolicyLookup First() { return book_.Lookup(); }

  /// Tells the loop from now on. `loop` must outlive this.
  void Watch(loop::Loop& loop);

  /// The policies are known, as far as they can be.
  [[nodiscard]] bool Known() const { return known_; }

  [[nodiscard]] const policy::PolicySet& Set() const { return book_.Set(); }
  [[nodiscard]] const std::vector<common::yaml::Problem>& Refused() const {
    return book_.Refused();
  }
  [[nodiscard]] ObjectStore& Store() { return store_; }

 private:
  /// The last is that of the ConfigMaps.
  static constexpr std::size_t kWatches = kObjectKinds.size() + 1;

  void AddWatcher(std::size_t index, common::kubernetes::Resource resource,
                  common::kubernetes::WatchHandlers handlers);
  void Changed();
  void Reload();
  void Tell();
  void Look();
  [[nodiscard]] bool AllSynced() const;
  [[nodiscard]] std::vector<std::string> Troubles() const;

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  const platform::Platform& platform_;
  PolicyObjectsOptions options_;
  ObjectStore store_;
  loop::PolicyBook book_;
  std::optional<policy::DirectoryWatch> directory_watch_;
  std::array<std::unique_ptr<common::kubernetes::Watcher>, kWatches> watchers_;
  std::array<std::string, kWatches> troubles_;
  loop::Loop* loop_ = nullptr;
  bool known_ = false;
  std::optional<common::MonotonicTime> started_at_;
  std::optional<common::MonotonicTime> reloaded_at_;
  std::size_t subjects_ = 0;  ///< A fingerprint of the workloads' names and labels.
  int looks_ = 0;
  std::unique_ptr<common::Timer> reload_;
  std::unique_ptr<common::Timer> look_;
};

}  // namespace scaler::kubernetes::policies

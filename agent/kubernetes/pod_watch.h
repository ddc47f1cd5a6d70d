#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/kubernetes/pods_view.h"
#include "agent/kubernetes/restart_book.h"
#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/result.h"

namespace agent::kubernetes {

struct PodWatchOptions {
  std::string node;  ///< Its name in the API.
  SavedRestarts saved = {};
  /// Makes the counts survive; called on the executor's thread when they have changed, at most once
  /// a second, and at the end. Empty: they are not kept.
  std::function<common::Result<void>(const SavedRestarts&)> save = {};
  BookOptions book = {};
};

/// Follows the pods of one node, and asks for a pod's events when they would tell why one of its
/// containers ended.
///
/// Rights, in all namespaces: `list` and `watch` on pods, `list` on events. Without the API server
/// what was known stays, and says since when. Belongs to the executor's thread but where it says
/// otherwise; the client must outlive it.
class PodWatch {
 public:
  PodWatch(common::Executor& executor, common::kubernetes::Client& client, PodWatchOptions options);
  PodWatch(const PodWatch&) = delete;
  PodWatch& operator=(const PodWatch&) = delete;
  ~PodWatch();

  void Start();

  /// Never null. Any thread.
  [[nodiscard]] std::shared_ptr<const PodsView> Latest() const;

  /// What the cgroups of the running containers count. Any thread.
  void Observe(OomKillCounts kills);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace agent::kubernetes

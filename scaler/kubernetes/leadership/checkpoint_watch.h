#pragma once

#include <functional>
#include <map>
#include <string>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "common/kubernetes/watcher.h"
#include "scaler/kubernetes/leadership/checkpoint.h"
#include "scaler/loop/shadow.h"

namespace scaler::kubernetes::leadership {

/// Tells who follows what the leader writes down, as it writes it. Belongs to the executor's
/// thread.
///
/// Rights: on configmaps in its namespace list and watch.
class CheckpointWatch {
 public:
  using Workloads = std::map<std::string, loop::Known>;

  /// `now`: the loop's time. `on_news` gets the workloads of one shard; it must not destroy this.
  CheckpointWatch(common::Executor& executor, common::kubernetes::Client& client,
                  const CheckpointOptions& options, std::function<engine::Time()> now,
                  std::function<void(Workloads)> on_news);

  void Start() { watcher_.Start(); }

 private:
  void OnPut(const common::kubernetes::ObjectView& object);

  CheckpointOptions options_;
  std::function<engine::Time()> now_;
  std::function<void(Workloads)> on_news_;
  bool said_ = false;  ///< That something cannot be used; once is enough.
  common::kubernetes::Watcher watcher_;
};

}  // namespace scaler::kubernetes::leadership

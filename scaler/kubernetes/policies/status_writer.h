#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "scaler/kubernetes/policies/policy_objects.h"
#include "scaler/kubernetes/policies/status.h"
#include "scaler/loop/status.h"

namespace scaler::kubernetes::policies {

struct StatusWriterOptions {
  std::chrono::milliseconds look_every = std::chrono::seconds(1);
  /// No object is written more often.
  std::chrono::milliseconds object_interval = std::chrono::seconds(5);
  /// ... nor again so soon after the server has refused it.
  std::chrono::milliseconds refused_interval = std::chrono::seconds(60);
  int objects_a_look = 1000;  ///< So that ten thousand of them cost no cycle its time.
  int writes_a_look = 20;
  int at_once = 4;  ///< Writes under way.
};

/// Keeps the status of policy objects true: from what the loop last left on its board, and written
/// only where it says something else than the object does.
///
/// All of it is least urgent: the rate limit leaves half of its bucket to others, and what is not
/// written now is looked at again later. Belongs to the executor's thread.
///
/// Rights: patch scalingpolicies/status, scalinggroups/status and capacitypolicies/status of
/// trimtab.io in the whole cluster.
class StatusWriter {
 public:
  /// `may_write` says whether it is this scaler's to write: a follower's is not.
  StatusWriter(common::Executor& executor, common::kubernetes::Client& client,
               PolicyObjects& objects, const loop::StatusBoard& board,
               std::function<bool()> may_write, StatusWriterOptions options = {});
  StatusWriter(const StatusWriter&) = delete;
  StatusWriter& operator=(const StatusWriter&) = delete;

  void Start() { LookLater(); }

 private:
  struct Write {
    ObjectRef ref;
    std::string uid;
    std::string patch;
    SeenStatus after;
  };

  void LookLater();
  void Look();
  void Consider(const ObjectRef& ref, const StoredObject& object, const ObjectStatus& status);
  void Send();
  void Done(std::uint64_t id, const Write& write,
            const common::kubernetes::Outcome<std::string>& outcome);

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  PolicyObjects& objects_;
  const loop::StatusBoard& board_;
  std::function<bool()> may_write_;
  StatusWriterOptions options_;
  ObjectRef next_;  ///< Where the next look goes on.
  std::deque<Write> waiting_;
  std::map<ObjectRef, common::MonotonicTime> not_before_;
  std::map<std::uint64_t, std::unique_ptr<common::kubernetes::Pending>> sent_;
  std::uint64_t ids_ = 0;
  std::string problem_;  ///< The last one that was logged.
  std::unique_ptr<common::Timer> timer_;
};

}  // namespace scaler::kubernetes::policies

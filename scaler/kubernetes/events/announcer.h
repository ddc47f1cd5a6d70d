#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/executor.h"
#include "scaler/engine/capacity/decision.h"
#include "scaler/kubernetes/events/recorder.h"
#include "scaler/kubernetes/policies/policy_objects.h"
#include "scaler/loop/status.h"

namespace scaler::kubernetes::events {

/// Makes events of what the loop last left on its board, for the workloads and for their policies:
/// scaled, would be scaled, held, could not be scaled, is scaled by somebody else, refused; and for
/// nodes: emptied, and no longer. So `kubectl describe` says why. What was decided before it began
/// is nobody's news. Belongs to the executor's thread.
class Announcer {
 public:
  /// What a workload is in the cluster; nothing where it is gone.
  using FindObject = std::function<std::optional<Reference>(const platform::WorkloadId&)>;

  /// `may_write` says whether it is this scaler's to speak: a follower's is not.
  Announcer(common::Executor& executor, Recorder& recorder, policies::PolicyObjects& policies,
            const loop::StatusBoard& board, FindObject find, std::function<bool()> may_write);
  Announcer(const Announcer&) = delete;
  Announcer& operator=(const Announcer&) = delete;

  void Start() { LookLater(); }

 private:
  /// What has been said of a workload.
  struct Said {
    platform::WorkloadId id;
    std::shared_ptr<const engine::Decision> change;
    std::string problem;
    std::string owned_by;
  };

  void LookLater();
  void Look();
  void Compare(const loop::WorkloadStatus& workload, const Said* before);
  void Tell(const loop::WorkloadStatus& workload, bool warning, const char* reason,
            const std::string& note);
  void TellNodes(const loop::Status& status);
  void TellRefusals();
  [[nodiscard]] std::optional<Reference> PolicyOf(const std::string& name) const;

  common::Executor& executor_;
  Recorder& recorder_;
  policies::PolicyObjects& policies_;
  const loop::StatusBoard& board_;
  FindObject find_;
  std::function<bool()> may_write_;
  std::optional<engine::Time>
      since_;               ///< What is not younger is no news; empty: nothing was seen yet.
  std::vector<Said> said_;  ///< By id.
  std::shared_ptr<const engine::capacity::CapacityDecision> said_nodes_;
  std::map<policies::ObjectRef, std::string> refused_;  ///< What was said of them.
  std::unique_ptr<common::Timer> timer_;
};

}  // namespace scaler::kubernetes::events

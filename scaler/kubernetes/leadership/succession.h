#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "scaler/kubernetes/leadership/checkpoint.h"
#include "scaler/kubernetes/leadership/checkpoint_watch.h"
#include "scaler/kubernetes/leadership/elector.h"
#include "scaler/loop/loop.h"

namespace scaler::kubernetes::leadership {

/// Makes a loop one of several: it follows in shadow, learning on from what the leader writes down,
/// until this process has the lease and has read what the leader before it left, then it acts;
/// whoever ends leaves its states and the lease to the next. Belongs to the executor's thread.
class Succession {
 public:
  Succession(common::Executor& executor, common::kubernetes::Client& client, ElectorOptions elector,
             CheckpointOptions checkpoint, LeaseClock clock = BootClock());
  Succession(const Succession&) = delete;
  Succession& operator=(const Succession&) = delete;

  /// For Loop::UseLeadership.
  [[nodiscard]] loop::Leadership View();

  /// For GatedTransport: the lease is ours at this moment. Also while we are only beginning, or
  /// ending and leaving our states.
  [[nodiscard]] bool MayWrite() const { return elector_.Leads(); }

  /// `loop` has started and its platform shows all that there is. It outlives this or Stop.
  void Start(loop::Loop& loop);

  /// The loop acts no more; its states are written and the lease is given back, then `done` runs.
  /// At most some seconds later, whatever the server says.
  void Stop(std::function<void()> done);

  [[nodiscard]] bool Leads() const { return phase_ == Phase::kLeads && elector_.Leads(); }

 private:
  enum class Phase {
    kBegins,    ///< Reads the checkpoint for the shadow.
    kFollows,   ///< In shadow.
    kRestores,  ///< Has the lease and reads the checkpoint.
    kLeads,
    kEnds,
  };

  void OnElection();
  void Follow();
  void Lead();

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  CheckpointOptions options_;
  Elector elector_;
  Checkpoint checkpoint_;
  std::unique_ptr<CheckpointWatch> watch_;  ///< Of who follows.
  Phase phase_ = Phase::kBegins;
  loop::Loop* loop_ = nullptr;
  std::function<void()> stopped_;
  std::unique_ptr<common::Timer> patience_;
};

}  // namespace scaler::kubernetes::leadership

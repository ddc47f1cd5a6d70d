#pragma once

#include <functional>
#include <string>
#include <vector>

#include "scaler/engine/policy.h"
#include "scaler/engine/state.h"
#include "scaler/loop/workload_memory.h"

namespace scaler::loop {

/// Which of several scalers this one is.
struct LeadershipStatus {
  bool leads = false;
  std::string self;     ///< Who we are in the election.
  std::string leader;   ///< Who holds the lease; empty: nobody.
  int transitions = 0;  ///< How often the lease has changed hands.
  std::string problem;  ///< Why the lease cannot be read or written; empty: it can.
};

/// Tells the loop whether it may act. Asked on the loop's thread.
struct Leadership {
  /// At the beginning of a cycle, and again right before each action.
  std::function<bool()> leads;
  std::function<LeadershipStatus()> status;
};

/// The part of a state that only changes made in earnest write. A decision that was not carried out
/// after all puts it back.
class ChangesMade {
 public:
  explicit ChangesMade(const engine::State& state);
  void PutBack(engine::State& state) const;

 private:
  std::vector<engine::TimedReplicas> scaled_up_;
  std::vector<engine::TimedReplicas> scaled_down_;
  std::vector<engine::TimedReplicas> reversals_;
  int last_direction_;
  std::optional<engine::Time> raised_;
};

/// In shadow: the platform shows another number than before, so whoever leads has changed it (or a
/// person; that cannot be told apart, and counting too much only makes the rate limits stricter for
/// their period). A policy that is not acted on remembers no change.
void LearnChange(const engine::Policy& policy, engine::Time now, int from, int to,
                 engine::State& state);

/// What was learnt of a workload over a stretch of time without a gap.
struct Known {
  engine::State state;
  engine::Time since{};
  engine::Time seen{};

  friend bool operator==(const Known&, const Known&) = default;
};

/// Of what this process and a checkpoint know of a workload, each part from the better informed:
/// windows of minutes from whoever was blind for less of the last minutes, what is learnt over days
/// from whoever began earlier. Pure.
[[nodiscard]] Known Better(const Known& own, const Known& checkpoint, engine::Time now);

/// The latest instant that a state remembers; the beginning of time where it remembers none.
[[nodiscard]] engine::Time LatestTime(const engine::State& state);

}  // namespace scaler::loop

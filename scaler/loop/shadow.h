#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaler/codec/capacity_memory.h"
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

/// What was learnt of a workload over a stretch of time.
struct Known {
  engine::State state;
  engine::Time since{};
  engine::Time seen{};
  std::optional<engine::Duration> lead;  ///< From first sight to ready; empty: no start was seen.
  /// What is learnt went on from what the leader had learnt, and so has all that it wrote down.
  bool learns_on = false;

  friend bool operator==(const Known&, const Known&) = default;
};

/// The same, to be looked at only.
struct KnownView {
  const engine::State& state;
  engine::Time since{};
  engine::Time seen{};
  std::optional<engine::Duration> lead;
};

/// Everything that a leader leaves to the next.
struct Legacy {
  std::map<std::string, Known> workloads;  ///< By "namespace/name".
  std::optional<codec::CapacityMemory> nodes;
};

/// What this process and a checkpoint know of a workload, put together. Pure.
///
/// For its stretch of time the checkpoint tells of recommendations and changes, for it is of who
/// made them: in shadow a person's change looks like the leader's. Before and after it this
/// process tells. What is learnt over days is of this process, if it learns on from the leader,
/// else of whoever has seen more of them.
[[nodiscard]] Known Together(const Known& own, const Known& checkpoint);

/// The part of a state that is learnt over days.
void TakeLearnt(const engine::State& from, engine::State& to);

/// The latest instant that a state remembers; the beginning of time where it remembers none.
[[nodiscard]] engine::Time LatestTime(const engine::State& state);

}  // namespace scaler::loop

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/executor.h"
#include "scaler/fleet/fleet.h"
#include "scaler/ledger/ledger.h"
#include "scaler/loop/engine_clock.h"
#include "scaler/loop/freeze_switch.h"
#include "scaler/loop/group_sharing.h"
#include "scaler/loop/observe.h"
#include "scaler/loop/shadow.h"
#include "scaler/loop/status.h"
#include "scaler/loop/unsaved_states.h"
#include "scaler/loop/workload_memory.h"
#include "scaler/platform/platform.h"
#include "scaler/signals/signals.h"

namespace scaler::loop {

struct LoopOptions {
  /// Decisions are made at least this often, and on every change of input besides.
  std::chrono::milliseconds tick{500};
  /// ... but not more often than this.
  std::chrono::milliseconds least_interval{50};
  /// Of many policies each is decided for less often, so that there are no more decisions a second
  /// without a change of input, and in all: 10,000 policies every 5 s, and every half on changes.
  std::size_t most_unasked_per_second = 2'000;
  std::size_t most_per_second = 20'000;
  /// States that change without a decision are written this often.
  std::chrono::milliseconds state_interval = std::chrono::seconds(1);
};

/// Finds the policy of a workload; nothing where none applies.
using PolicyLookup = std::function<std::optional<Governed>(const platform::Workload&)>;

/// Observe, decide, commit, act: again and again.
///
/// A cycle commits its lines, with the states of the workloads that they and its actions are about;
/// the other states follow between the cycles.
///
/// `external` answers the queries of policies, where there is a Prometheus; it may outlive the
/// loop. All of it on the executor's thread. Every action is preceded by the commit of its decision
/// and state. A ledger that cannot be written does not stop the scaling (a full disk must not keep
/// a tenant asleep): it is reported in the status, the counters and the log.
class Loop {
 public:
  Loop(common::Executor& executor, platform::Platform& platform, signals::Signals& signals,
       ledger::Ledger& ledger, const FreezeSwitch& freeze, StatusBoard& board,
       LoopOptions options = {}, signals::ExternalSignals* external = nullptr);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  /// The nodes' part of every cycle, where there are nodes. Before Start; `fleet` outlives the
  /// loop.
  void UseFleet(fleet::Fleet& fleet) { fleet_ = &fleet; }

  /// Where there are several scalers: only who leads acts, counts and writes decisions down; the
  /// others decide the same in shadow, learn what the leader does from what the platform shows, and
  /// go on from there when they lead. Before Start.
  void UseLeadership(Leadership leadership) { leadership_ = std::move(leadership); }

  /// What a checkpoint says, put together with what this loop has seen itself, counts from now on.
  /// What is unknown to the platform is forgotten with the next cycle. After Start.
  void Adopt(Legacy legacy);

  /// In shadow: what the leader has learnt of these workloads until now takes the place of what was
  /// learnt here, which goes on from it. After Start.
  void Follow(const std::map<std::string, Known>& leaders);

  /// The engine's time; before Start the beginning of time.
  [[nodiscard]] engine::Time Now() const {
    return clock_ ? clock_->Now().engine_now : engine::Time{};
  }

  /// What is known of every workload that a policy is for, by "namespace/name".
  void ForEachKnown(
      const std::function<void(const std::string& workload, const KnownView& known)>& visit) const;

  /// What is remembered of nodes; null: nothing is.
  [[nodiscard]] const codec::CapacityMemory* KnownNodes() const {
    return fleet_ == nullptr ? nullptr : &fleet_->Memory();
  }

  /// By which nodes come and go from now on; null: they are left alone.
  void SetCapacityPolicy(std::shared_ptr<const engine::capacity::CapacityPolicy> policy);

  /// Takes the states and the last changes that the ledger has and begins. Fails where the ledger
  /// cannot be read.
  [[nodiscard]] common::Result<void> Start(PolicyLookup policies);

  /// Other policies from now on, and what is wrong with them.
  void SetPolicies(PolicyLookup policies, PolicyProblems problems);

  /// Evaluates soon, because something outside has changed.
  void Wake() { Soon(); }

 private:
  struct Action {
    platform::WorkloadId workload;
    int from;
    int replicas;
    std::shared_ptr<const ChangesMade> before;  ///< In case it is not done after all.
  };
  /// A workload that has a policy.
  struct Considered {
    const platform::Workload* workload;
    UnsavedStates::Entry* entry;  ///< Name and memory.
  };
  /// A member of groups, whose decision waits for the others'.
  struct Pending {
    Considered who;
    Proposal proposal;
  };
  /// Where the memory of the workload is that the platform lists at this place.
  struct Seat {
    platform::WorkloadId id;
    UnsavedStates::Entry* entry;
  };
  using Workloads = platform::Workloads;

  void Soon();
  void OnSignals();
  void Tick();
  /// The interval, or as much more as keeps the decisions of each cycle below so many a second.
  [[nodiscard]] std::chrono::milliseconds AtLeast(std::chrono::milliseconds interval,
                                                  std::size_t most_per_second) const;
  void Evaluate();
  void Consider(const Workloads& workloads, const signals::TimeMap& time);
  void FindPolicy(const std::shared_ptr<const platform::Workload>& workload, WorkloadMemory& memory,
                  const signals::TimeMap& time);
  void DecideAll(const signals::TimeMap& time, ledger::Batch& batch, std::vector<Action>& actions);
  [[nodiscard]] engine::Observation ObserveAll(const platform::Workload& workload,
                                               WorkloadMemory& memory, const std::string& frozen,
                                               const signals::TimeMap& time) const;
  void Take(const Considered& considered, Proposal& proposal, const engine::State& before,
            const signals::TimeMap& time, ledger::Batch& batch, std::vector<Action>& actions);
  void Record(const std::string& name, WorkloadMemory& memory, const engine::State& before,
              const engine::Observation& observation, ledger::Batch& batch);
  void DecideNodes(const std::vector<Action>& actions, const signals::TimeMap& time,
                   ledger::Batch& batch);
  void Commit(ledger::Batch& batch, const std::vector<UnsavedStates::Entry*>& states);
  void CommitChanges(ledger::Batch& batch, const std::vector<Action>& actions);
  void SaveLater();
  [[nodiscard]] UnsavedStates::Entry& EntryOf(const platform::Workload& workload,
                                              std::size_t place);
  void Act(const Action& action, engine::Time now);
  void Unmake(const std::string& name, engine::Time at, int replicas, const ChangesMade& before);
  void Withhold(const Action& action);
  void ActionDone(const std::string& name, engine::Time now, const common::Result<void>& result);
  void WantQueries();
  void ForgetAllBut(const Workloads& workloads);
  void Publish(Workloads workloads, const signals::TimeMap& time);

  common::Executor& executor_;
  platform::Platform& platform_;
  signals::Signals& signals_;
  signals::ExternalSignals* external_;  ///< May be null: there is no Prometheus.
  ledger::Ledger& ledger_;
  const FreezeSwitch& freeze_;
  StatusBoard& board_;
  fleet::Fleet* fleet_ = nullptr;         ///< Null: there are no nodes.
  std::optional<Leadership> leadership_;  ///< Empty: this is the only scaler.
  bool leads_ = true;                     ///< In this cycle.
  LoopOptions options_;

  PolicyLookup policies_;
  std::shared_ptr<const PolicyProblemCounts> policy_problem_counts_ =
      std::make_shared<PolicyProblemCounts>();
  std::vector<std::string> policy_problem_texts_;
  std::vector<std::string> state_problems_;
  std::string ledger_problem_;
  std::optional<EngineClock> clock_;
  WorkloadMemories memories_;
  std::vector<GroupStatus> groups_;  ///< Of the last cycle.
  bool policies_changed_ = false;    ///< For some workload, since queries were last asked for.
  std::vector<Seat> seats_;
  std::vector<Considered> considered_;  ///< Of this cycle; kept for its room.
  engine::State before_;                ///< The same, of one workload.
  UnsavedStates unsaved_;
  std::size_t decided_ = 0;  ///< For so many the last cycle has decided.
  std::optional<common::MonotonicTime> evaluated_at_;
  std::unique_ptr<common::Timer> tick_;
  std::unique_ptr<common::Timer> save_;
  std::unique_ptr<common::Timer> soon_;
  Counters counters_;
};

}  // namespace scaler::loop

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/executor.h"
#include "scaler/engine/capacity/decide.h"
#include "scaler/fleet/observe.h"
#include "scaler/fleet/roster.h"
#include "scaler/fleet/status.h"
#include "scaler/ledger/ledger.h"
#include "scaler/platform/node_platform.h"

namespace scaler::fleet {

/// The nodes' part of the loop: it looks at them, decides, and asks for what was decided.
///
/// A cycle calls Decide after its decisions about replicas, commits the batch, and calls Act. What
/// is in the ledger by then is enough for another life to go on: orders are asked for again with
/// their token until nodes are to be seen, a removal is decided anew while the node is there, and
/// the marks of drains stand on the nodes.
///
/// All of it on the executor's thread.
class Fleet {
 public:
  /// Decisions are made at least this often, and on every change besides.
  static constexpr auto kAtLeastEvery = std::chrono::seconds(2);

  Fleet(common::Executor& executor, platform::NodePlatform& platform,
        platform::NodeProvider& provider);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  ~Fleet();

  /// What the ledger had, and how to have the cycle run soon.
  void Start(std::optional<codec::CapacityMemory> memory, std::function<void()> wake);

  /// What the next life needs, and what another process had of it when it decided last. It takes
  /// the place of what is older; the drains that were begun since then show on the nodes, and
  /// count.
  [[nodiscard]] const codec::CapacityMemory& Memory() const { return memory_; }
  void Adopt(codec::CapacityMemory memory);

  /// The policy from now on; null: nodes are left alone.
  void SetPolicy(std::shared_ptr<const engine::capacity::CapacityPolicy> policy);

  /// Who says which nodes will go; asked in every cycle.
  void SetNotices(std::function<std::vector<platform::NodeNotice>()> notices);

  /// Who wants to know where the agents of the nodes that run listen; told of every change.
  void OnAgents(std::function<void(const std::vector<std::string>&)> agents);

  /// Something that is not the provider's has changed: replicas, notices.
  void Touch() { touched_ = true; }

  /// A person wants the node emptied and removed, or takes that back. invalid_argument where there
  /// is no such node or no policy for it.
  [[nodiscard]] common::Result<void> Want(const std::string& node, bool empty);

  /// Looks and decides where something has changed or its time has come, and puts into the batch
  /// what has to be in the ledger before Act. `asked` has every workload that the cycle decided
  /// upon; `asked_more` that it has just asked for another number of some.
  void Decide(const std::vector<Asked>& asked, bool asked_more, const signals::TimeMap& time,
              const std::string& frozen, ledger::Batch& batch);

  /// Does what was decided; nothing while it is frozen.
  void Act();

  /// Null before there was anything to tell.
  [[nodiscard]] std::shared_ptr<const FleetStatus> Status();

 private:
  using Action = engine::capacity::Action;
  /// A wish about one node that is under way, or was refused and is not to be repeated at once.
  struct Wish {
    int failures = 0;
    bool under_way = false;
    common::MonotonicTime not_before;
  };

  void LookAtProvider();
  void LearnDrains(const signals::TimeMap& time);
  void TellAgents();
  [[nodiscard]] bool Due(bool asked_more, const signals::TimeMap& time);
  void TellPlacement(const std::vector<Asked>& asked);
  void DecideNow(const std::vector<Asked>& asked, signals::TimeMap time, const std::string& frozen,
                 ledger::Batch& batch);
  void Record(engine::capacity::CapacityState before,
              std::shared_ptr<const engine::capacity::CapacityObservation> observation,
              ledger::Batch& batch);
  void TakeActions(engine::Time now);
  void SaveMemory(engine::Time now, bool must, ledger::Batch& batch);
  void KeepPlaceholders();
  void AskForOrders();
  void Answered(const std::string& token, const std::optional<platform::Refusal>& refusal);
  void Do(const Action& action);
  [[nodiscard]] bool MayTry(const Action& action);
  void Done(const Action& action, bool taken);
  [[nodiscard]] codec::KnownNode* Known(const std::string& node);

  common::Executor& executor_;
  platform::NodePlatform& platform_;
  platform::NodeProvider& provider_;
  std::function<void()> wake_ = [] {};
  std::function<std::vector<platform::NodeNotice>()> ask_notices_;
  std::function<void(const std::vector<std::string>&)> tell_agents_;
  std::vector<std::string> agents_;  ///< As they were last told.
  std::shared_ptr<const engine::capacity::CapacityPolicy> policy_;

  codec::CapacityMemory memory_;
  codec::CapacityMemory saved_;  ///< As it last went into a batch.
  std::optional<engine::Time> saved_at_;
  std::optional<engine::Time> adopted_;  ///< Until when another has decided; its drains show.
  Roster roster_;
  platform::ProviderView view_;
  std::optional<common::MonotonicTime> first_answer_;
  bool looked_ = false;  ///< There is a view to go by.
  platform::HostView hosts_;
  std::vector<platform::NodeNotice> notices_;
  std::map<platform::WorkloadId, engine::Placement> placement_;
  bool placement_told_ = false;
  std::vector<engine::capacity::Event>
      events_;  ///< For the next observation; its `at` is set then.

  bool touched_ = true;
  bool frozen_ = false;
  std::optional<common::MonotonicTime> decided_at_;
  common::MonotonicTime not_before_;  ///< So that deciding leaves time for the replicas.
  /// As they were last told, and whose.
  std::optional<std::pair<std::string, std::vector<engine::capacity::Placeholder>>> placeholders_;
  std::vector<Action> actions_;               ///< Of the last decision, not done yet.
  std::set<std::string> undo_;                ///< Drains that a person has taken back.
  std::map<std::string, Wish> order_wishes_;  ///< By token; those asked for in this life.
  std::map<std::pair<std::string, Action::Kind>, Wish> wishes_;
  std::uint64_t next_token_ = 1;

  bool status_changed_ = true;
  FleetStatus now_;
  std::shared_ptr<const FleetStatus> status_;
  engine::capacity::CapacityDecision recorded_;
  bool has_recorded_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace scaler::fleet

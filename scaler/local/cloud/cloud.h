#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/result.h"
#include "scaler/local/cloud/spec.h"
#include "scaler/local/cloud/state.h"
#include "scaler/local/cloud/wire.h"
#include "scaler/platform/node_provider.h"

namespace scaler::local::cloud {

/// Where the services of a node listen.
[[nodiscard]] int MetadataPort(const Spec& spec, const Node& node);
[[nodiscard]] int AgentPort(const Spec& spec, const Node& node);

/// The provider as a state that orders, removals, operators and time change.
///
/// Pure: what becomes of cgroups and processes is for who looks at the state afterwards. Its
/// random numbers come from the seed and the number of the launch.
class Cloud {
 public:
  /// `spec` outlives it.
  Cloud(const Spec& spec, State state) : spec_(spec), state_(std::move(state)) {}

  /// All of the order's nodes or none. A token that was taken makes no more nodes.
  [[nodiscard]] std::optional<platform::Refusal> Add(const platform::NodeOrder& order, Now now);

  /// One that is not there is removed already.
  void Remove(const std::string& node, Now now);

  /// invalid_argument, in words for the operator, where it cannot be.
  [[nodiscard]] common::Result<void> Do(const Mischief& mischief, Now now);

  /// Lets happen what is due.
  void Advance(Now now);

  /// When Advance has something to do next; empty: only when something else happens before.
  [[nodiscard]] std::optional<common::MonotonicTime> NextChange() const;

  /// A node that was going has been cleared away.
  void Cleared(const std::string& node, Now now);

  /// Azure's way to say that one is ready to go.
  void Acknowledge(const std::string& node, Now now);

  [[nodiscard]] const State& Latest() const { return state_; }
  [[nodiscard]] Listing List(Now now) const;

  /// The longest delay of answers that troubles ask for now.
  [[nodiscard]] std::chrono::milliseconds AnswerDelay() const;
  /// True while the list is to be what it was.
  [[nodiscard]] bool ListIsStale() const;

 private:
  [[nodiscard]] Node* Find(const std::string& node);
  [[nodiscard]] const PoolSpec* FindPool(const std::string& pool) const;
  [[nodiscard]] std::optional<platform::Refusal> Refuse(const platform::NodeOrder& order) const;
  [[nodiscard]] int QuotaOf(const PoolSpec& pool) const;
  [[nodiscard]] const Trouble* FindTrouble(Trouble::Kind kind, const std::string& pool,
                                           const std::string& zone) const;
  [[nodiscard]] int FreeSlot() const;
  [[nodiscard]] Node MakeNode(const PoolSpec& pool, const platform::NodeOrder& order, Now now);
  [[nodiscard]] double Random(int which) const;
  void Take(Node& node, Now now);
  void Settle(const Node& node, Now now);
  void Changed() { ++state_.revision; }

  common::Result<void> DoToNode(const Mischief& mischief, Now now);
  common::Result<void> ReclaimNode(Node& node, const Mischief& mischief, Now now);
  common::Result<void> TakeZone(const Mischief& mischief, Now now);
  common::Result<void> BeginTrouble(Trouble trouble);
  common::Result<void> SetQuota(const Mischief& mischief);
  [[nodiscard]] bool HasZone(const std::string& zone) const;

  const Spec& spec_;
  State state_;
};

}  // namespace scaler::local::cloud

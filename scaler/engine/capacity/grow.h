#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "scaler/engine/capacity/notes.h"
#include "scaler/engine/capacity/packing.h"

namespace scaler::engine::capacity {

/// Decides which nodes to ask for, and keeps count, so that no limit is passed by two reasons
/// together.
class Grower {
 public:
  /// All must outlive it.
  Grower(const CapacityPolicy& policy, const CapacityState& state, const World& world, Time now,
         const std::optional<SpotPlan>& plan, Notes& notes);

  /// What the mix of spot and on-demand lacks; `packing` gets the new nodes.
  void FollowPlan(Packing& packing);

  /// What each pool lacks to its least.
  void KeepMinNodes(Packing& packing);

  /// New nodes in `packing` for what found no room there, the cheapest that fit, balanced over
  /// zones. Returns what still has none. `offers` gets one entry a node.
  std::vector<Load> Provide(const std::vector<Load>& loads, Reason reason, Packing& packing,
                            std::vector<int>& offers);

  /// On-demand nodes that count, those ordered now too.
  [[nodiscard]] int Dedicated() const { return dedicated_; }

  /// The offer of a spot node that may be had in the place of an on-demand one; -1: none.
  [[nodiscard]] int SpotInstead() const;

  /// Orders that node.
  void OrderInstead(int offer, Packing& packing);

  /// One node each where spot was refused and may be asked for again.
  void OrderProbes();

  [[nodiscard]] std::vector<Action> Actions() const;

  /// Any asked for because of work or spare: then nothing is consolidated for a while.
  [[nodiscard]] bool AddedForNeed() const { return added_for_need_; }

 private:
  enum class Block { kNone, kFull, kRefused, kShare };

  [[nodiscard]] Block BlockOf(int offer, bool share_counts) const;
  void NoteBlock(int offer, Block block, int nodes);
  [[nodiscard]] bool ShareAllowsSpot() const;
  int Order(int offer, int nodes, Reason reason);
  int OrderDedicated(int nodes, Reason reason, Packing& packing);
  [[nodiscard]] int Choose(int pod_class, int pods, const std::vector<char>& tried, Reason& reason);
  [[nodiscard]] int Pick(const std::vector<int>& candidates,
                         const std::vector<double>& prices) const;

  const CapacityPolicy& policy_;
  const CapacityState& state_;
  const World& world_;
  Time now_;
  const std::optional<SpotPlan>& plan_;
  Notes& notes_;
  std::vector<int> in_pool_;  ///< Nodes of each pool of the policy, all that exist or are ordered.
  std::vector<int> live_in_pool_;  ///< Of those, the ones that count.
  std::vector<int> of_offer_;  ///< Nodes that count, of each offer: usable, coming, ordered now.
  int spot_ = 0;
  int dedicated_ = 0;
  std::map<std::pair<int, Reason>, int> orders_;
  bool added_for_need_ = false;
};

}  // namespace scaler::engine::capacity

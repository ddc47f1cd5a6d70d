#pragma once

#include <string>
#include <vector>

#include "scaler/engine/capacity/world.h"

namespace scaler::engine::capacity {

/// Room for pods: a node, or one that is to come.
struct Bin {
  int node = -1;   ///< Index in the world; -1: not made yet.
  int offer = -1;  ///< By which it would be made; -1: it is a node.
  int kind = 0;
  int zone = 0;
  CapacityType type = CapacityType::kOnDemand;
  bool ready = false;
  bool gone = false;
  Amount room;
  Amount free;
};

/// Puts pods into bins, first fit decreasing, exact for each bin: processor, memory, number of
/// pods, taints, selectors, spot or not, and on how many nodes and zones a workload has to be.
/// Bounded: classes x bins steps for any number of pods.
///
/// What it places does fit. That something does not fit is said of this packing, not of all.
class Packing {
 public:
  enum class Which { kReady, kReadyAndComing };

  Packing(const World& world, Which which);

  /// A new, empty node of the offer. Returns its index.
  int Add(int offer);

  /// Takes back the last Add; nothing was placed since.
  void TakeBack();

  /// Places up to `pods`; returns how many it placed.
  int Place(int pod_class, int pods);

  /// Places loads, the choosiest and largest first; returns what found no room, in that order.
  std::vector<Load> PlaceAll(std::vector<Load> loads);

  /// The bin goes, and what is in it with it. Returns what that was.
  std::vector<Load> Lose(int bin);

  [[nodiscard]] const std::vector<Bin>& Bins() const { return bins_; }
  [[nodiscard]] const World& Of() const { return *world_; }

  /// The bin of a node; -1 where the node is none.
  [[nodiscard]] int BinOf(int node) const { return bin_of_[static_cast<std::size_t>(node)]; }

 private:
  struct Placed {
    int bin = 0;
    Load load;
  };

  [[nodiscard]] std::vector<int> Holding(int pod_class) const;
  int Fill(int pod_class, int pods, const CapacityType* only);
  int PlaceSpread(int pod_class, int pods);
  void Put(int bin, int pod_class, int pods);

  const World* world_;
  std::vector<Bin> bins_;
  std::vector<int> order_;  ///< The fullest first.
  std::vector<int> bin_of_;
  std::vector<Placed> placed_;
};

}  // namespace scaler::engine::capacity

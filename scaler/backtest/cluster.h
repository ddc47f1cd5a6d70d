#pragma once

#include <deque>
#include <optional>

#include "scaler/backtest/world.h"

namespace scaler::backtest {

/// The pods of one workload and the nodes under them, over time. Times are since the beginning and
/// never go back.
class Cluster {
 public:
  /// Begins with `replicas` ready, on just enough nodes (at least one).
  Cluster(const World& world, int replicas);

  /// Nodes and pods whose time has come are ready.
  void Advance(Duration now);

  /// Adds pods, or takes away those that wait, then the youngest.
  void SetDesired(int replicas, Duration now);

  [[nodiscard]] int Desired() const { return ready_ + starting_ + waiting_; }
  [[nodiscard]] int Ready() const { return ready_; }
  /// Pods that are paid for: on a node, ready or not.
  [[nodiscard]] int Placed() const { return ready_ + starting_; }
  /// Nodes that are paid for; without nodes in the world what perfect packing needs.
  [[nodiscard]] double Nodes() const;
  /// More pods that find room on the nodes that are ready; empty: any number.
  [[nodiscard]] std::optional<int> Room() const;
  /// Nothing changes until somebody sets another number.
  [[nodiscard]] bool Settled() const;

 private:
  struct Starting {
    Duration ready_at;
    int pods;
  };

  void Place(Duration now);
  void ScaleNodes(Duration now);

  World world_;
  int ready_ = 0;
  int starting_ = 0;
  int waiting_ = 0;  ///< For a node.
  std::deque<Starting> starts_;

  int nodes_ = 0;
  int nodes_coming_ = 0;
  std::deque<Starting> node_starts_;
  std::optional<Duration> unneeded_since_;
};

}  // namespace scaler::backtest

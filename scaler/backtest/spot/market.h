#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scaler/engine/policy.h"

/// What a mix of spot and on-demand nodes would have cost over recorded availability of spot nodes,
/// and how available it would have been.
namespace scaler::backtest::spot {

using engine::Duration;
using engine::Time;

/// The model of the world. `replicas` are wanted all the time, and each fills a node. Time goes in
/// steps; at the beginning of one the provider takes nodes, others become ready, and who is
/// compared decides.
struct World {
  int replicas = 4;
  Duration node_start = std::chrono::seconds(140);
  /// So long before a loss everybody knows of it, and the provider makes no node in its place.
  Duration notice{};
  double spot_price = 0.30;  ///< Of an on-demand node, which costs 1.
  Duration step = std::chrono::seconds(20);

  friend bool operator==(const World&, const World&) = default;
};

/// How many spot nodes one zone had to give.
struct Zone {
  std::string name;
  std::vector<int> nodes;  ///< Tick by tick, as many as its campaign's other zones have.

  friend bool operator==(const Zone&, const Zone&) = default;
};

struct Campaign {
  std::string name;
  Duration tick{};
  std::vector<Zone> zones;

  friend bool operator==(const Campaign&, const Campaign&) = default;
};

/// A campaign as the world sees it. Where only one node was probed, a zone that had it has room for
/// all replicas. Keeps references: both outlive it.
class Market {
 public:
  Market(const Campaign& campaign, const World& world);

  [[nodiscard]] const World& TheWorld() const { return world_; }
  [[nodiscard]] const std::vector<Zone>& Zones() const { return campaign_.zones; }
  [[nodiscard]] Duration Length() const;

  /// Spot nodes that the zone has, `at` after the campaign's begin.
  [[nodiscard]] int At(std::size_t zone, Duration at) const;

  /// The fewest in the span, which is looked at step by step; both ends count.
  [[nodiscard]] int Least(std::size_t zone, Duration from, Duration until) const;

  /// Those that the zone has and keeps for as long as a notice is given ahead.
  [[nodiscard]] int Lasting(std::size_t zone, Duration at) const;

 private:
  const Campaign& campaign_;
  const World& world_;
  int room_ = 1;  ///< For each node that was counted.
};

/// What a run came to.
struct Score {
  double cost = 0;          ///< Of all nodes from order to end; `replicas` on-demand nodes cost 1.
  double availability = 0;  ///< Share of the time in which all replicas ran.

  friend bool operator==(const Score&, const Score&) = default;
};

/// Adds up a run, step by step.
class Account {
 public:
  explicit Account(const World& world) : world_(world) {}

  void Pass(int spot_nodes, int dedicated_nodes, bool all_run);
  [[nodiscard]] Score Sum() const;

 private:
  const World& world_;
  double cost_ = 0;
  double good_ = 0;
  double steps_ = 0;
};

}  // namespace scaler::backtest::spot

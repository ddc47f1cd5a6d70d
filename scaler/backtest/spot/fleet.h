#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scaler/backtest/spot/market.h"
#include "scaler/engine/capacity/decision.h"
#include "scaler/engine/capacity/observation.h"
#include "scaler/engine/capacity/placement.h"

/// Private to this folder.
namespace scaler::backtest::spot {

/// The provider and the scheduler around the engine's decisions: which nodes there are and which
/// replica runs on which.
class Fleet {
 public:
  Fleet(const Market& market, const engine::capacity::CapacityPolicy& policy);

  /// Lets time pass: nodes are taken or told that they will be, others become ready, replicas move.
  void Advance(Duration since_begin, Time now);

  /// True where the provider refused something, so that there is more to decide at once.
  bool Do(const engine::capacity::Action& action);

  /// A replica moves from a node that is emptied as soon as another has room, and runs until then;
  /// where to, and in which order of preference, is the engine's placement, as on every platform.
  void Schedule();

  /// What the engine is to see now; the events are those since it was last asked.
  [[nodiscard]] engine::capacity::CapacityObservation& Seen() { return seen_; }

  [[nodiscard]] int Nodes(engine::capacity::CapacityType type) const;
  [[nodiscard]] bool AllRun() const;

 private:
  using Node = engine::capacity::Node;

  void Lose(std::size_t zone);
  void Boot();
  void Erase(const std::string& name);
  [[nodiscard]] bool Moves(const engine::capacity::Pod& pod);
  [[nodiscard]] std::vector<engine::capacity::Berth> Berths() const;
  bool Launch(const engine::capacity::Action& action);
  [[nodiscard]] bool HasRoom(const engine::capacity::Action& action) const;
  void Tell(engine::capacity::Event::Kind kind, const std::string& pool, const std::string& zone,
            int nodes, double seconds);
  [[nodiscard]] Node* Find(const std::string& name);
  [[nodiscard]] std::vector<Node*> SpotOf(std::size_t zone);

  const Market& market_;
  const engine::capacity::CapacityPolicy& policy_;
  engine::capacity::CapacityObservation seen_;
  Duration since_begin_{};
  Time now_{};
  std::uint64_t made_ = 0;
  std::map<std::string, std::uint64_t> order_;  ///< In which nodes were made.
};

}  // namespace scaler::backtest::spot

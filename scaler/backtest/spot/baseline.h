#pragma once

#include <cstddef>
#include <vector>

#include "scaler/backtest/spot/market.h"

/// Private to this folder.
namespace scaler::backtest::spot {

/// What those who are compared with us have in common: who is lost, who may be had, what it costs.
class Baseline {
 public:
  explicit Baseline(const Market& market) : market_(market) {}
  virtual ~Baseline() = default;
  Baseline(const Baseline&) = delete;
  Baseline& operator=(const Baseline&) = delete;

  [[nodiscard]] Score Run();

 protected:
  struct SpotNode {
    std::size_t zone = 0;
    Duration ready_at{};
    bool doomed = false;  ///< Its loss is known.
    bool lost = false;
  };

  virtual void Decide(Duration now) = 0;
  virtual void OnLoss(std::size_t) {}

  [[nodiscard]] int Wanted() const { return market_.TheWorld().replicas; }
  [[nodiscard]] Duration Step() const { return market_.TheWorld().step; }
  [[nodiscard]] std::size_t Zones() const { return market_.Zones().size(); }
  [[nodiscard]] Duration ReadyAt(Duration now) const { return now + market_.TheWorld().node_start; }

  [[nodiscard]] int Used(std::size_t zone) const;

  /// Spot nodes of which no loss is known.
  [[nodiscard]] int Staying() const;

  /// Orders a spot node; false where the zone has none.
  bool Try(std::size_t zone, Duration now);

  std::vector<SpotNode> spot_;
  std::vector<Duration> dedicated_;  ///< When each is ready.

 private:
  void Lose(Duration now);
  void LoseIn(std::size_t zone, Duration now);
  [[nodiscard]] bool AllRun(Duration now) const;

  const Market& market_;
};

}  // namespace scaler::backtest::spot

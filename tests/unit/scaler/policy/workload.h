#pragma once

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <random>
#include <utility>

#include "scaler/engine/decide.h"

namespace scaler::policy {

/// A workload on a clock of its own, decided upon as the scaler does it: visitors are counted twice
/// a second, their rate is taken over two seconds, and a replica is ready 20 s after it was asked
/// for.
class Workload {
 public:
  static constexpr double kTickSeconds = 0.5;

  /// `noisy`: visitors come by chance, else evenly. The seed also says when between two ticks of
  /// `decide_every` of them the decisions fall.
  Workload(engine::Policy policy, std::uint32_t seed, bool noisy, int decide_every = 2)
      : random(seed),
        policy_(std::move(policy)),
        noisy_(noisy),
        decide_every_(decide_every),
        tick_(static_cast<int>(random() % static_cast<unsigned>(decide_every))) {
    observation_.now = engine::Time(std::chrono::seconds(1'000'000'000));
    observation_.lead.replica = std::chrono::seconds(kStartTicks / 2);
    observation_.desired_replicas = 1;
    asked_.assign(kStartTicks, 1);
    counted_.assign(kRateTicks + 1, 0);
  }

  /// Lets half a second pass in which `rate` requests per second come.
  void Pass(double rate) {
    observation_.now += std::chrono::milliseconds(500);
    const double mean = rate * kTickSeconds;
    counted_.pop_front();
    counted_.push_back(counted_.back() + (noisy_ && mean > 0 ? Chance(mean) : mean));
    if (++tick_ % decide_every_ == 0) {
      Decide();
    }
    // Who was asked for and is no longer wanted never comes.
    asked_.pop_front();
    asked_.push_back(Desired());
    for (auto& asked : asked_) {
      asked = std::min(asked, Desired());
    }
    replica_seconds += Desired() * kTickSeconds;
  }

  void Pass(double rate, std::chrono::seconds time) {
    for (auto ticks = time.count() * 2; ticks > 0; --ticks) {
      Pass(rate);
    }
  }

  [[nodiscard]] int Desired() const { return observation_.desired_replicas; }
  [[nodiscard]] int Ready() const { return asked_.front(); }

  std::mt19937 random;
  double replica_seconds = 0;
  int changes = 0;
  int reversals = 0;

 private:
  static constexpr std::size_t kStartTicks = 40;
  static constexpr std::size_t kRateTicks = 4;

  double Chance(double mean) { return std::poisson_distribution<int>(mean)(random); }

  void Decide() {
    const double rate = (counted_.back() - counted_.front()) / (kRateTicks * kTickSeconds);
    observation_.demand = engine::Sampled<engine::Demand>{{rate, 0, 0}, observation_.now};
    observation_.ready_replicas = Ready();
    auto step = engine::Decide(policy_, std::move(state_), observation_);
    state_ = std::move(step.state);
    if (const int change = step.decision.desired - Desired(); change != 0) {
      ++changes;
      reversals += direction_ != 0 && (change > 0) != (direction_ > 0) ? 1 : 0;
      direction_ = change;
      observation_.desired_replicas = step.decision.desired;
    }
  }

  engine::Policy policy_;
  engine::State state_;
  engine::Observation observation_;
  bool noisy_;
  int decide_every_;
  int tick_;
  int direction_ = 0;
  std::deque<int> asked_;       ///< At each tick of the time that a replica takes to start.
  std::deque<double> counted_;  ///< Visitors since the beginning, at the ticks of the rate.
};

}  // namespace scaler::policy

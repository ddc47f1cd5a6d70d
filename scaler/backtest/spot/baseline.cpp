#include "scaler/backtest/spot/baseline.h"

#include <algorithm>

namespace scaler::backtest::spot {

Score Baseline::Run() {
  Account account(market_.TheWorld());
  for (Duration now{}; now < market_.Length(); now += Step()) {
    Lose(now);
    Decide(now);
    account.Pass(static_cast<int>(spot_.size()), static_cast<int>(dedicated_.size()), AllRun(now));
  }
  return account.Sum();
}

bool Baseline::AllRun(Duration now) const {
  const auto ready =
      std::count_if(spot_.begin(), spot_.end(),
                    [&](const auto& node) { return node.ready_at <= now; }) +
      std::count_if(dedicated_.begin(), dedicated_.end(), [&](auto at) { return at <= now; });
  return ready >= Wanted();
}

int Baseline::Used(std::size_t zone) const {
  return static_cast<int>(std::count_if(spot_.begin(), spot_.end(),
                                        [&](const auto& node) { return node.zone == zone; }));
}

int Baseline::Staying() const {
  return static_cast<int>(
      std::count_if(spot_.begin(), spot_.end(), [](const auto& node) { return !node.doomed; }));
}

bool Baseline::Try(std::size_t zone, Duration now) {
  if (Used(zone) >= market_.Lasting(zone, now)) {
    return false;
  }
  spot_.push_back({.zone = zone, .ready_at = ReadyAt(now)});
  return true;
}

void Baseline::Lose(Duration now) {
  for (std::size_t zone = 0; zone < Zones(); ++zone) {
    LoseIn(zone, now);
  }
}

/// The youngest of a zone go first.
void Baseline::LoseIn(std::size_t zone, Duration now) {
  std::vector<SpotNode*> there;
  for (auto& node : spot_) {
    if (node.zone == zone) {
      there.push_back(&node);
    }
  }
  std::stable_sort(there.begin(), there.end(), [](const auto* left, const auto* right) {
    return left->ready_at > right->ready_at;
  });
  const auto over = [&](int nodes) {
    return static_cast<std::size_t>(std::max(0, static_cast<int>(there.size()) - nodes));
  };
  const auto gone = over(market_.At(zone, now));
  const auto doomed = over(market_.Lasting(zone, now));
  bool told = false;
  for (std::size_t i = 0; i < doomed; ++i) {
    told = told || !there[i]->doomed;
    there[i]->doomed = true;
  }
  for (std::size_t i = 0; i < gone; ++i) {
    there[i]->lost = true;
  }
  std::erase_if(spot_, [](const auto& node) { return node.lost; });
  if (told) {
    OnLoss(zone);
  }
}

}  // namespace scaler::backtest::spot

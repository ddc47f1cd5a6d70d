#include "scaler/backtest/spot/fixed_mix.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "scaler/backtest/spot/baseline.h"

namespace scaler::backtest::spot {
namespace {

constexpr std::size_t kMostZones = 3;

class Fixed final : public Baseline {
 public:
  Fixed(const Market& market, const FixedMix& mix)
      : Baseline(market), mix_(mix), lost_at_(market.Zones().size()) {}

 private:
  void OnLoss(std::size_t zone) override { lost_at_[zone] = now_; }

  void Decide(Duration now) override {
    now_ = now;
    const int target = Wanted() - mix_.dedicated + mix_.extra;
    Launch(target, now);
    Trim(target, now);
    KeepDedicated(now);
  }

  [[nodiscard]] bool Open(std::size_t zone, Duration now) const {
    const bool quarantined = lost_at_[zone] && now - *lost_at_[zone] < mix_.quarantine;
    return mix_.zones[zone] && !quarantined;
  }

  [[nodiscard]] int StayingIn(std::size_t zone) const {
    return static_cast<int>(std::count_if(spot_.begin(), spot_.end(), [&](const auto& node) {
      return node.zone == zone && !node.doomed;
    }));
  }

  /// Up to the target, and beyond it where the zones have come to be uneven.
  void Launch(int target, Duration now) {
    std::vector<bool> refused(Zones());
    while (Staying() < target + Wanted()) {
      std::optional<std::size_t> least;
      int most = 0;
      for (std::size_t zone = 0; zone < Zones(); ++zone) {
        most = std::max(most, StayingIn(zone));
        if (!refused[zone] && Open(zone, now) && (!least || StayingIn(zone) < StayingIn(*least))) {
          least = zone;
        }
      }
      if (!least || (Staying() >= target && most - StayingIn(*least) < 2)) {
        return;
      }
      refused[*least] = !Try(*least, now);
    }
  }

  /// Of the fullest zones, and none that is needed before another is ready in its place.
  void Trim(int target, Duration now) {
    while (ReadyStaying(now) > target) {
      const auto fullest =
          std::max_element(spot_.begin(), spot_.end(), [&](const auto& left, const auto& right) {
            const auto rank = [&](const SpotNode& node) {
              const bool goes = !node.doomed && node.ready_at <= now;
              return std::pair(goes, StayingIn(node.zone));
            };
            return rank(left) < rank(right);
          });
      spot_.erase(fullest);
    }
  }

  [[nodiscard]] int ReadyStaying(Duration now) const {
    return static_cast<int>(std::count_if(spot_.begin(), spot_.end(), [&](const auto& node) {
      return node.ready_at <= now && !node.doomed;
    }));
  }

  void KeepDedicated(Duration now) {
    std::vector<int> ready(Zones());
    for (const auto& node : spot_) {
      ready[node.zone] += node.ready_at <= now && !node.doomed ? 1 : 0;
    }
    std::sort(ready.begin(), ready.end(), std::greater<>());
    const auto survived = std::min(static_cast<std::size_t>(mix_.survived), ready.size());
    const int left =
        std::accumulate(ready.begin() + static_cast<std::ptrdiff_t>(survived), ready.end(), 0);
    const int wanted = std::max(mix_.dedicated, Wanted() - left);
    std::sort(dedicated_.begin(), dedicated_.end());
    dedicated_.resize(static_cast<std::size_t>(wanted), ReadyAt(now));
  }

  FixedMix mix_;
  std::vector<std::optional<Duration>> lost_at_;
  Duration now_{};
};

/// The zones that had nodes for the longest.
std::vector<std::size_t> BestZones(const Market& market) {
  std::vector<std::pair<std::size_t, std::size_t>> ranked;
  for (std::size_t zone = 0; zone < market.Zones().size(); ++zone) {
    const auto& nodes = market.Zones()[zone].nodes;
    ranked.emplace_back(std::count(nodes.begin(), nodes.end(), 0), zone);
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.resize(std::min(ranked.size(), kMostZones));
  std::vector<std::size_t> zones;
  for (const auto& [gone, zone] : ranked) {
    zones.push_back(zone);
  }
  return zones;
}

}  // namespace

Score RunFixedMix(const Market& market, const FixedMix& mix) { return Fixed(market, mix).Run(); }

std::vector<FixedMix> FixedMixes(const Market& market) {
  const int replicas = market.TheWorld().replicas;
  const auto best = BestZones(market);
  std::vector<FixedMix> mixes;
  for (std::size_t choice = 1; choice < (std::size_t{1} << best.size()); ++choice) {
    FixedMix mix;
    mix.zones.resize(market.Zones().size());
    for (std::size_t i = 0; i < best.size(); ++i) {
      mix.zones[best[i]] = (choice >> i & 1U) != 0;
    }
    for (const int dedicated : {0, 1, replicas / 2}) {
      mix.dedicated = dedicated;
      for (const int extra : {0, 1, replicas / 2, replicas, 2 * replicas}) {
        mix.extra = extra;
        for (mix.survived = 0; mix.survived <= 2; ++mix.survived) {
          for (const int minutes : {0, 5, 180, 720}) {
            mix.quarantine = std::chrono::minutes(minutes);
            mixes.push_back(mix);
          }
        }
      }
    }
  }
  return mixes;
}

}  // namespace scaler::backtest::spot

#include "scaler/backtest/spot/baselines.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "scaler/backtest/spot/baseline.h"

namespace scaler::backtest::spot {
namespace {

using std::chrono::minutes;

class ClusterAutoscaler final : public Baseline {
 public:
  ClusterAutoscaler(const Market& market, Duration fallback, int spare)
      : Baseline(market), fallback_(fallback), spare_(spare) {}

 private:
  void Decide(Duration now) override {
    const int target = Wanted() + spare_;
    const auto have = [&] { return Staying() + static_cast<int>(dedicated_.size()); };
    if (const int over = have() - target; over > 0) {
      std::sort(dedicated_.begin(), dedicated_.end());
      const auto from_dedicated = std::min(static_cast<std::size_t>(over), dedicated_.size());
      dedicated_.resize(dedicated_.size() - from_dedicated);
    }
    if (have() >= target) {
      return;
    }
    if (now < backoff_until_) {
      Fallback(target - have(), now);
      return;
    }
    while (have() < target && TryAny(now)) {
    }
    if (have() >= target) {
      waiting_since_.reset();
      backoff_ = {};
    } else if (!waiting_since_) {
      waiting_since_ = now;
    } else if (now - *waiting_since_ >= fallback_) {
      Fallback(target - have(), now);
      backoff_ = std::clamp<Duration>(backoff_ * 2, minutes(5), minutes(30));
      backoff_until_ = now + backoff_;
      waiting_since_.reset();
    }
  }

  bool TryAny(Duration now) {
    std::vector<std::pair<int, std::size_t>> zones;
    for (std::size_t zone = 0; zone < Zones(); ++zone) {
      zones.emplace_back(Used(zone), zone);
    }
    std::sort(zones.begin(), zones.end());
    return std::any_of(zones.begin(), zones.end(),
                       [&](const auto& zone) { return Try(zone.second, now); });
  }

  void Fallback(int nodes, Duration now) {
    dedicated_.insert(dedicated_.end(), static_cast<std::size_t>(std::max(0, nodes)), ReadyAt(now));
  }

  Duration fallback_;
  int spare_;
  std::optional<Duration> waiting_since_;
  Duration backoff_{};
  Duration backoff_until_{};
};

class SpotHedge final : public Baseline {
 public:
  SpotHedge(const Market& market, int extra) : Baseline(market), extra_(extra) {
    for (std::size_t zone = 0; zone < Zones(); ++zone) {
      active_.push_back(zone);
    }
  }

 private:
  void OnLoss(std::size_t zone) override { Move(zone, active_, lost_); }

  static void Move(std::size_t zone, std::vector<std::size_t>& from, std::vector<std::size_t>& to) {
    if (const auto at = std::find(from.begin(), from.end(), zone); at != from.end()) {
      from.erase(at);
      to.push_back(zone);
    }
  }

  void Decide(Duration now) override {
    const int target = Wanted() + extra_;
    if (now % (2 * Step()) == Duration::zero()) {
      Launch(target, now);
    }
    for (const auto& node : spot_) {
      if (node.ready_at <= now && !node.doomed) {
        Move(node.zone, lost_, active_);
      }
    }
    const auto ready = std::count_if(spot_.begin(), spot_.end(), [&](const auto& node) {
      return node.ready_at <= now && !node.doomed;
    });
    const auto wanted =
        static_cast<std::size_t>(std::min(Wanted(), std::max(0, target - static_cast<int>(ready))));
    while (dedicated_.size() < wanted) {
      dedicated_.push_back(ReadyAt(now));
    }
    std::sort(dedicated_.begin(), dedicated_.end());
    dedicated_.resize(wanted);
  }

  void Launch(int target, Duration now) {
    const auto zones = Zones();
    for (int guard = 0; Staying() < target && guard < static_cast<int>(2 * zones) + target;
         ++guard) {
      if (active_.size() < 2) {
        active_.insert(active_.end(), lost_.begin(), lost_.end());
        std::sort(active_.begin(), active_.end());
        lost_.clear();
      }
      const auto zone = *std::min_element(
          active_.begin(), active_.end(), [&](std::size_t left, std::size_t right) {
            const auto rank = [&](std::size_t each) {
              return std::pair(Used(each), (each + zones - next_) % zones);
            };
            return rank(left) < rank(right);
          });
      next_ = (zone + 1) % zones;
      if (!Try(zone, now)) {
        Move(zone, active_, lost_);
      }
    }
    if (const int over = Staying() - target; over > 0) {
      std::stable_sort(spot_.begin(), spot_.end(), [](const auto& left, const auto& right) {
        return std::pair(left.doomed, left.ready_at) < std::pair(right.doomed, right.ready_at);
      });
      const auto from = spot_.begin() + (Staying() - over);
      spot_.erase(from, from + over);
    }
  }

  int extra_;
  std::vector<std::size_t> active_;
  std::vector<std::size_t> lost_;
  std::size_t next_ = 0;
};

class StaticMix final : public Baseline {
 public:
  StaticMix(const Market& market, int dedicated, int extra)
      : Baseline(market), spot_target_(Wanted() - dedicated + extra) {
    dedicated_.assign(static_cast<std::size_t>(dedicated), Duration::zero());
  }

 private:
  void Decide(Duration now) override {
    for (std::size_t zone = 0; zone < Zones(); ++zone) {
      while (Staying() < spot_target_ && Try(zone, now)) {
      }
    }
  }

  int spot_target_;
};

}  // namespace

Score RunClusterAutoscaler(const Market& market, Duration fallback, int spare) {
  return ClusterAutoscaler(market, fallback, spare).Run();
}

Score RunSpotHedge(const Market& market, int extra) { return SpotHedge(market, extra).Run(); }

Score RunStaticMix(const Market& market, int dedicated, int extra) {
  return StaticMix(market, dedicated, extra).Run();
}

}  // namespace scaler::backtest::spot

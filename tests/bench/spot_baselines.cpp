#include "bench/spot_baselines.h"

#include <utility>

namespace bench {
namespace {

struct SpotNode {
  std::size_t zone = 0;
  int ready = 0;
  bool doomed = false;
};

/// The common part of the baselines: who is lost, who may be had, what it cost.
class Baseline {
 public:
  Baseline(const Campaign& campaign, int wanted, int notice)
      : campaign_(campaign), wanted_(wanted), notice_(notice) {}
  virtual ~Baseline() = default;
  Baseline(const Baseline&) = delete;
  Baseline& operator=(const Baseline&) = delete;

  Score Run() {
    double cost = 0;
    int good = 0;
    int steps = 0;
    for (int t = 0; t < campaign_.Seconds(); t += kStep) {
      Lose(t);
      Decide(t);
      const auto ready =
          std::count_if(spot_.begin(), spot_.end(),
                        [&](const auto& node) { return node.ready <= t; }) +
          std::count_if(dedicated_.begin(), dedicated_.end(), [&](int at) { return at <= t; });
      good += ready >= wanted_ ? 1 : 0;
      cost +=
          kSpotPrice * static_cast<double>(spot_.size()) + static_cast<double>(dedicated_.size());
      ++steps;
    }
    return {cost / steps / wanted_, static_cast<double>(good) / steps};
  }

 protected:
  virtual void Decide(int t) = 0;
  virtual void OnLoss(std::size_t) {}

  [[nodiscard]] int Used(std::size_t zone) const {
    return static_cast<int>(std::count_if(spot_.begin(), spot_.end(),
                                          [&](const auto& node) { return node.zone == zone; }));
  }

  /// Spot nodes of which no loss is known.
  [[nodiscard]] int Staying() const {
    return static_cast<int>(
        std::count_if(spot_.begin(), spot_.end(), [](const auto& node) { return !node.doomed; }));
  }

  bool Try(std::size_t zone, int t) {
    if (Used(zone) >= campaign_.Lasting(zone, t, notice_)) {
      return false;
    }
    spot_.push_back({zone, t + kBoot, false});
    return true;
  }

  const Campaign& campaign_;
  int wanted_;
  int notice_;
  std::vector<SpotNode> spot_;
  std::vector<int> dedicated_;  ///< When each is ready.

 private:
  /// The youngest of a zone go first.
  void Lose(int t) {
    for (std::size_t zone = 0; zone < campaign_.zones.size(); ++zone) {
      std::vector<std::size_t> there;
      for (std::size_t i = 0; i < spot_.size(); ++i) {
        if (spot_[i].zone == zone) {
          there.push_back(i);
        }
      }
      std::stable_sort(there.begin(), there.end(), [&](auto left, auto right) {
        return spot_[left].ready > spot_[right].ready;
      });
      const auto have = static_cast<int>(there.size());
      const int now = std::max(0, have - campaign_.At(zone, t));
      const int soon = std::max(0, have - campaign_.Lasting(zone, t, notice_));
      bool told = false;
      for (int i = 0; i < soon; ++i) {
        auto& node = spot_[there[static_cast<std::size_t>(i)]];
        told = told || !node.doomed;
        node.doomed = true;
      }
      for (int i = 0; i < now; ++i) {
        spot_[there[static_cast<std::size_t>(i)]].ready = -1;
      }
      std::erase_if(spot_, [](const auto& node) { return node.ready < 0; });
      if (told) {
        OnLoss(zone);
      }
    }
  }
};

class ClusterAutoscaler final : public Baseline {
 public:
  ClusterAutoscaler(const Campaign& campaign, int wanted, int notice, int fallback, int spare)
      : Baseline(campaign, wanted, notice), fallback_(fallback), spare_(spare) {}

 private:
  void Decide(int t) override {
    const int target = wanted_ + spare_;
    const auto have = [&] { return Staying() + static_cast<int>(dedicated_.size()); };
    if (const int over = have() - target; over > 0) {
      std::sort(dedicated_.begin(), dedicated_.end());
      const auto from_dedicated = std::min(static_cast<std::size_t>(over), dedicated_.size());
      dedicated_.resize(dedicated_.size() - from_dedicated);
    }
    if (have() >= target) {
      return;
    }
    if (t < backoff_until_) {
      Fallback(target - have(), t);
      return;
    }
    while (have() < target && TryAny(t)) {
    }
    if (have() >= target) {
      waiting_since_ = -1;
      backoff_ = 0;
    } else if (waiting_since_ < 0) {
      waiting_since_ = t;
    } else if (t - waiting_since_ >= fallback_) {
      Fallback(target - have(), t);
      backoff_ = std::min(1800, std::max(300, backoff_ * 2));
      backoff_until_ = t + backoff_;
      waiting_since_ = -1;
    }
  }

  bool TryAny(int t) {
    std::vector<std::pair<int, std::size_t>> zones;
    for (std::size_t zone = 0; zone < campaign_.zones.size(); ++zone) {
      zones.emplace_back(Used(zone), zone);
    }
    std::sort(zones.begin(), zones.end());
    return std::any_of(zones.begin(), zones.end(),
                       [&](const auto& zone) { return Try(zone.second, t); });
  }

  void Fallback(int nodes, int t) {
    dedicated_.insert(dedicated_.end(), static_cast<std::size_t>(std::max(0, nodes)), t + kBoot);
  }

  int fallback_;
  int spare_;
  int waiting_since_ = -1;
  int backoff_ = 0;
  int backoff_until_ = 0;
};

class SpotHedge final : public Baseline {
 public:
  SpotHedge(const Campaign& campaign, int wanted, int notice, int extra)
      : Baseline(campaign, wanted, notice), extra_(extra) {
    for (std::size_t zone = 0; zone < campaign.zones.size(); ++zone) {
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

  void Decide(int t) override {
    const int target = wanted_ + extra_;
    if (t % (2 * kStep) == 0) {
      Launch(target, t);
    }
    for (const auto& node : spot_) {
      if (node.ready <= t && !node.doomed) {
        Move(node.zone, lost_, active_);
      }
    }
    const auto ready = std::count_if(spot_.begin(), spot_.end(), [&](const auto& node) {
      return node.ready <= t && !node.doomed;
    });
    const auto wanted =
        static_cast<std::size_t>(std::min(wanted_, std::max(0, target - static_cast<int>(ready))));
    while (dedicated_.size() < wanted) {
      dedicated_.push_back(t + kBoot);
    }
    std::sort(dedicated_.begin(), dedicated_.end());
    dedicated_.resize(wanted);
  }

  void Launch(int target, int t) {
    const auto zones = campaign_.zones.size();
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
      if (!Try(zone, t)) {
        Move(zone, active_, lost_);
      }
    }
    if (const int over = Staying() - target; over > 0) {
      std::stable_sort(spot_.begin(), spot_.end(), [](const auto& left, const auto& right) {
        return std::pair(left.doomed, left.ready) < std::pair(right.doomed, right.ready);
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

}  // namespace

Score RunClusterAutoscaler(const Campaign& campaign, int wanted, int notice, int fallback,
                           int spare) {
  return ClusterAutoscaler(campaign, wanted, notice, fallback, spare).Run();
}

Score RunSpotHedge(const Campaign& campaign, int wanted, int notice, int extra) {
  return SpotHedge(campaign, wanted, notice, extra).Run();
}

}  // namespace bench

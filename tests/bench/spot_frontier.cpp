// What our mix of spot and on-demand costs and how available it is, beside what others do, over
// recorded availability of spot nodes. `spot_frontier DIRECTORY` reads DIRECTORY's
// spot_availability.csv.gz; without it there is nothing to show and that is no failure.
//
// N replicas, each of which fills a node, are wanted all the time. A node takes 140 s to be ready;
// spot costs 0.30 of on-demand. Availability is the share of time with N ready, cost is that of N
// on-demand nodes = 1. With a notice, everybody knows of a loss that long before, and the provider
// makes no nodes that it is about to take.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bench/spot_baselines.h"
#include "scaler/engine/capacity/decide.h"

namespace {

using namespace scaler::engine::capacity;
using bench::Campaign;
using bench::kBoot;
using bench::kSpotPrice;
using bench::kStep;
using bench::Score;
using scaler::engine::Duration;
using scaler::engine::Time;
using std::chrono::seconds;

/// The engine's decisions, with a provider and a scheduler around them.
class Ours {
 public:
  Ours(const Campaign& campaign, int wanted, int notice, Duration return_after)
      : campaign_(campaign), wanted_(wanted), notice_(notice) {
    policy_.name = "frontier";
    policy_.pools = {{"dedicated", CapacityType::kOnDemand, 0, 4 * wanted, {}},
                     {"spot", CapacityType::kSpot, 0, 8 * wanted, {}}};
    policy_.spot = SpotRules{.share = 1,
                             .min_dedicated_nodes = 0,
                             .fallback_after = seconds(60),
                             .return_after = return_after};
    policy_.disruption = {.nodes_at_once = wanted, .nodes_per_hour = 10'000};
    Workload workload;
    workload.name = "replica";
    workload.cpu_cores = 1;
    observation_.workloads.push_back(workload);
    for (int i = 0; i < wanted; ++i) {
      observation_.pods.push_back({"replica-" + std::to_string(i), "replica", ""});
    }
    for (const auto& pool : policy_.pools) {
      for (const auto& zone : campaign.names) {
        observation_.offers.push_back({pool.name, zone, KindOf(pool.type), 0, {}});
      }
    }
  }

  Score Run() {
    double cost = 0;
    int good = 0;
    int steps = 0;
    for (int t = 0; t < campaign_.Seconds(); t += kStep) {
      now_ = Time(seconds(1'600'000'000 + t));
      observation_.events.clear();
      Lose(t);
      Boot();
      Schedule();
      for (int round = 0; round < 12; ++round) {
        if (!DecideOnce(t, round)) {
          break;
        }
      }
      good += Running() >= wanted_ ? 1 : 0;
      for (const auto& node : observation_.nodes) {
        cost += node.kind.price_per_hour;
      }
      ++steps;
    }
    return {cost / steps / wanted_, static_cast<double>(good) / steps};
  }

 private:
  static NodeKind KindOf(CapacityType type) {
    NodeKind kind;
    kind.cpu_cores = 1;
    kind.memory_bytes = 1e9;
    kind.price_per_hour = type == CapacityType::kSpot ? kSpotPrice : 1.0;
    return kind;
  }

  [[nodiscard]] bool IsSpotOf(const Node& node, std::size_t zone) const {
    return node.type == CapacityType::kSpot && node.zone == campaign_.names[zone];
  }

  void Tell(Event::Kind kind, const std::string& pool, const std::string& zone, int nodes,
            double took) {
    observation_.events.push_back({now_, kind, pool, zone, nodes, took});
  }

  void Lose(int t) {
    for (std::size_t zone = 0; zone < campaign_.zones.size(); ++zone) {
      std::vector<Node*> there;
      for (auto& node : observation_.nodes) {
        if (IsSpotOf(node, zone)) {
          there.push_back(&node);
        }
      }
      std::stable_sort(there.begin(), there.end(), [&](const auto* left, const auto* right) {
        return launched_[left->name] > launched_[right->name];
      });
      const auto have = static_cast<int>(there.size());
      const int now = std::max(0, have - campaign_.At(zone, t));
      const int soon = std::max(0, have - campaign_.Lasting(zone, t, notice_));
      int told = 0;
      for (int i = 0; i < soon; ++i) {
        auto& node = *there[static_cast<std::size_t>(i)];
        if (!node.notice_until) {
          node.notice_until = now_ + seconds(notice_);
          ++told;
        }
      }
      if (told > 0) {
        Tell(Event::Kind::kInterrupted, "spot", campaign_.names[zone], told, notice_);
      }
      std::vector<std::string> gone;
      for (int i = 0; i < now; ++i) {
        gone.push_back(there[static_cast<std::size_t>(i)]->name);
      }
      for (const auto& name : gone) {
        Erase(name);
      }
    }
  }

  void Erase(const std::string& name) {
    std::erase_if(observation_.nodes, [&](const Node& node) { return node.name == name; });
    for (auto& pod : observation_.pods) {
      if (pod.node == name) {
        pod.node.clear();
      }
    }
    launched_.erase(name);
  }

  void Boot() {
    for (auto& node : observation_.nodes) {
      if (node.booting_since && now_ - *node.booting_since >= seconds(kBoot)) {
        node.booting_since.reset();
        node.ready = true;
        Tell(Event::Kind::kLaunched, node.pool, node.zone, 1, kBoot);
      }
    }
  }

  /// A pod moves from a node that goes as soon as another has room; it runs until then.
  void Schedule() {
    std::map<std::string, int> on;
    for (const auto& pod : observation_.pods) {
      ++on[pod.node];
    }
    for (auto& pod : observation_.pods) {
      const auto at = std::find_if(observation_.nodes.begin(), observation_.nodes.end(),
                                   [&](const Node& node) { return node.name == pod.node; });
      const bool stays = at != observation_.nodes.end() && !at->draining && !at->notice_until;
      if (stays) {
        continue;
      }
      const auto free =
          std::find_if(observation_.nodes.begin(), observation_.nodes.end(), [&](const Node& node) {
            return node.ready && !node.draining && !node.notice_until && on[node.name] == 0;
          });
      if (free != observation_.nodes.end()) {
        --on[pod.node];
        pod.node = free->name;
        ++on[pod.node];
      }
    }
  }

  [[nodiscard]] int Running() const {
    return static_cast<int>(std::count_if(observation_.pods.begin(), observation_.pods.end(),
                                          [](const Pod& pod) { return !pod.node.empty(); }));
  }

  /// True where the provider refused something, so that there is more to decide at once.
  bool DecideOnce(int t, int round) {
    observation_.now = now_ + Duration(round);
    auto step = DecideCapacity(policy_, std::move(state_), observation_);
    state_ = std::move(step.state);
    observation_.events.clear();
    bool refused = false;
    for (const auto& action : step.decision.actions) {
      refused = Do(action, t, round) || refused;
    }
    Schedule();
    return refused;
  }

  bool Do(const Action& action, int t, int round) {
    const auto node = std::find_if(observation_.nodes.begin(), observation_.nodes.end(),
                                   [&](const Node& each) { return each.name == action.node; });
    switch (action.kind) {
      case Action::Kind::kAdd:
        return Launch(action, t, round);
      case Action::Kind::kDrain:
        node->draining = true;
        return false;
      case Action::Kind::kUncordon:
        node->draining = false;
        return false;
      case Action::Kind::kRemove:
        Erase(action.node);
        return false;
    }
    return false;
  }

  bool Launch(const Action& action, int t, int round) {
    const bool spot = action.pool == "spot";
    const auto zone = static_cast<std::size_t>(
        std::find(campaign_.names.begin(), campaign_.names.end(), action.zone) -
        campaign_.names.begin());
    for (int i = 0; i < action.nodes; ++i) {
      const auto used = std::count_if(observation_.nodes.begin(), observation_.nodes.end(),
                                      [&](const Node& node) { return IsSpotOf(node, zone); });
      if (spot && used >= campaign_.Lasting(zone, t, notice_)) {
        observation_.events.push_back({now_ + Duration(round + 1), Event::Kind::kStockOut, "spot",
                                       action.zone, action.nodes - i, 0});
        return true;
      }
      Node node;
      node.name = action.pool + "-" + std::to_string(made_++);
      node.pool = action.pool;
      node.zone = action.zone;
      node.type = spot ? CapacityType::kSpot : CapacityType::kOnDemand;
      node.kind = KindOf(node.type);
      node.booting_since = now_;
      launched_[node.name] = made_;
      observation_.nodes.push_back(std::move(node));
    }
    return false;
  }

  const Campaign& campaign_;
  int wanted_;
  int notice_;
  CapacityPolicy policy_;
  CapacityState state_;
  CapacityObservation observation_;
  Time now_{};
  int made_ = 0;
  std::map<std::string, int> launched_;
};

void Print(const std::string& who, const Score& score, const Score& oracle) {
  std::printf("  %-34s cost %.3f   %.2f of the oracle's   availability %.5f\n", who.c_str(),
              score.cost, score.cost / oracle.cost, score.available);
  std::fflush(stdout);
}

void Compare(const Campaign& campaign, int wanted, int notice) {
  std::printf("%s, %zu zones, N=%d, %d s of notice\n", campaign.name.c_str(), campaign.zones.size(),
              wanted, notice);
  const auto oracle = bench::Oracle(campaign, wanted);
  const auto print = [&](const std::string& who, const Score& score) { Print(who, score, oracle); };
  print("oracle", oracle);
  print("cluster autoscaler, 15 min",
        bench::RunClusterAutoscaler(campaign, wanted, notice, 900, 0));
  print("cluster autoscaler, 60 s", bench::RunClusterAutoscaler(campaign, wanted, notice, 60, 0));
  print("always one spare (60 s)", bench::RunClusterAutoscaler(campaign, wanted, notice, 60, 1));
  print("SpotHedge +1", bench::RunSpotHedge(campaign, wanted, notice, 1));
  print("SpotHedge +2", bench::RunSpotHedge(campaign, wanted, notice, 2));
  for (const int return_after : {60, 300, 1800}) {
    print("ours, return after " + std::to_string(return_after) + " s",
          Ours(campaign, wanted, notice, seconds(return_after)).Run());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: spot_frontier DIRECTORY (with spot_availability.csv.gz)\n";
    return 2;
  }
  const auto file = std::filesystem::path(argv[1]) / "spot_availability.csv.gz";
  if (!std::filesystem::exists(file)) {
    std::cout << "skipped: there is no " << file.string() << "\n";
    return 0;
  }
  constexpr int kWanted = 4;
  for (const auto& [name, campaign] : bench::ReadCampaigns(file, kWanted)) {
    for (const int notice : {0, 120}) {
      Compare(campaign, kWanted, notice);
    }
  }
  return 0;
}

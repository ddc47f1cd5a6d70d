#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scaler/engine/capacity/decide.h"

namespace scaler::engine::capacity {

inline constexpr double kGiB = 1024.0 * 1024 * 1024;

/// Nodes of four cores in three zones, a provider that makes them in two minutes unless told to
/// refuse, and a scheduler that puts pods where they fit, one after the other.
class Cluster {
 public:
  Cluster() {
    policy.name = "production";
    policy.pools = {{"dedicated", CapacityType::kOnDemand, 0, 20, {}}};
    policy.disruption = {.nodes_at_once = 1, .nodes_per_hour = 100};
    SetOffers();
    observation.now = Time(std::chrono::hours(24 * 365 * 50));
  }

  void WithSpot(SpotRules rules) {
    policy.pools.push_back({"spot", CapacityType::kSpot, 0, 20, {}});
    policy.spot = rules;
    SetOffers();
  }

  void SetOffers() {
    observation.offers.clear();
    for (const auto& pool : policy.pools) {
      for (const auto* zone : {"a", "b", "c"}) {
        Offer offer;
        offer.pool = pool.name;
        offer.zone = zone;
        offer.kind = KindOf(pool.type);
        observation.offers.push_back(std::move(offer));
      }
    }
  }

  static NodeKind KindOf(CapacityType type) {
    NodeKind kind;
    kind.cpu_cores = 4;
    kind.memory_bytes = 16 * kGiB;
    kind.pods = 20;
    kind.price_per_hour = type == CapacityType::kSpot ? 0.3 : 1.0;
    return kind;
  }

  Node& AddNode(const std::string& zone, const std::string& pool = "dedicated") {
    Node node;
    node.name = pool + "-" + zone + "-" + std::to_string(made_++);
    node.pool = pool;
    node.zone = zone;
    node.type = pool == "spot" ? CapacityType::kSpot : CapacityType::kOnDemand;
    node.kind = KindOf(node.type);
    node.ready = true;
    observation.nodes.push_back(std::move(node));
    return observation.nodes.back();
  }

  Workload& AddWorkload(const std::string& name, double cores, int pods) {
    Workload workload;
    workload.name = name;
    workload.cpu_cores = cores;
    workload.memory_bytes = kGiB;
    observation.workloads.push_back(std::move(workload));
    SetPods(name, pods);
    return observation.workloads.back();
  }

  void SetPods(const std::string& name, int pods) {
    int have = 0;
    std::erase_if(observation.pods,
                  [&](const Pod& pod) { return pod.workload == name && ++have > pods; });
    for (; have < pods; ++have) {
      observation.pods.push_back({name + "-" + std::to_string(created_++), name, ""});
    }
  }

  Workload& WorkloadOf(const std::string& name) {
    return *std::find_if(observation.workloads.begin(), observation.workloads.end(),
                         [&](const Workload& workload) { return workload.name == name; });
  }

  /// The provider takes a node, told or not.
  void Lose(const std::string& name) {
    const auto at = Find(name);
    Tell(Event::Kind::kInterrupted, at->pool, at->zone, 0);
    Erase(name);
  }

  std::vector<std::string> NodesIn(const std::string& pool, const std::string& zone = {}) const {
    std::vector<std::string> names;
    for (const auto& node : observation.nodes) {
      if (node.pool == pool && (zone.empty() || node.zone == zone)) {
        names.push_back(node.name);
      }
    }
    return names;
  }

  int Ready(const std::string& pool) const {
    return static_cast<int>(
        std::count_if(observation.nodes.begin(), observation.nodes.end(), [&](const Node& node) {
          return node.pool == pool && node.ready && !node.draining && !node.notice_until;
        }));
  }

  int Pending() const {
    return static_cast<int>(std::count_if(observation.pods.begin(), observation.pods.end(),
                                          [](const Pod& pod) { return pod.node.empty(); }));
  }

  /// Lets ten seconds pass and decides; what is decided is done.
  const CapacityDecision& Step(Duration passed = std::chrono::seconds(10)) {
    observation.now += passed;
    Boot();
    Schedule();
    return Decide();
  }

  const CapacityDecision& Decide() {
    auto step = DecideCapacity(policy, std::move(state), observation);
    state = std::move(step.state);
    last = std::move(step.decision);
    observation.events.clear();
    for (const auto& action : last.actions) {
      Do(action);
    }
    return last;
  }

  void Run(Duration time) {
    for (Duration passed{}; passed < time; passed += std::chrono::seconds(10)) {
      Step();
    }
  }

  int Added(const std::string& pool, const std::string& zone = {}) const {
    int nodes = 0;
    for (const auto& action : last.actions) {
      nodes += action.kind == Action::Kind::kAdd && action.pool == pool &&
                       (zone.empty() || action.zone == zone)
                   ? action.nodes
                   : 0;
    }
    return nodes;
  }

  bool Did(Action::Kind kind, Reason reason) const {
    return std::any_of(last.actions.begin(), last.actions.end(), [&](const Action& action) {
      return action.kind == kind && action.reason == reason;
    });
  }

  bool Limited(Limit limit) const {
    return std::any_of(last.clamps.begin(), last.clamps.end(),
                       [&](const CapacityClamp& clamp) { return clamp.limit == limit; });
  }

  std::vector<Node>::iterator Find(const std::string& name) {
    return std::find_if(observation.nodes.begin(), observation.nodes.end(),
                        [&](const Node& node) { return node.name == name; });
  }

  CapacityPolicy policy;
  CapacityState state;
  CapacityObservation observation;
  CapacityDecision last;
  std::set<std::string> out_of_stock;  ///< "pool/zone".
  Duration boot = std::chrono::seconds(120);

 private:
  void Tell(Event::Kind kind, const std::string& pool, const std::string& zone, double seconds) {
    observation.events.push_back({observation.now + Duration(1), kind, pool, zone, 1, seconds});
  }

  void Erase(const std::string& name) {
    std::erase_if(observation.nodes, [&](const Node& node) { return node.name == name; });
    for (auto& pod : observation.pods) {
      if (pod.node == name) {
        pod.node.clear();
      }
    }
  }

  void Boot() {
    for (auto& node : observation.nodes) {
      if (node.booting_since && observation.now - *node.booting_since >= boot) {
        const std::chrono::duration<double> took = observation.now - *node.booting_since;
        observation.events.push_back(
            {observation.now, Event::Kind::kLaunched, node.pool, node.zone, 1, took.count()});
        node.ready = true;
        node.booting_since.reset();
      }
    }
  }

  void Schedule() {
    std::map<std::string, double> used;
    for (const auto& pod : observation.pods) {
      used[pod.node] += WorkloadOf(pod.workload).cpu_cores;
    }
    for (auto& pod : observation.pods) {
      const auto at = Find(pod.node);
      if (at != observation.nodes.end() && !at->draining && !at->notice_until) {
        continue;
      }
      const auto& workload = WorkloadOf(pod.workload);
      for (const auto& node : observation.nodes) {
        const bool may = node.type == CapacityType::kSpot ? workload.spot != Placement::Spot::kNever
                                                          : workload.spot != Placement::Spot::kOnly;
        if (may && node.ready && !node.cordoned && !node.draining && !node.notice_until &&
            used[node.name] + workload.cpu_cores <= node.kind.cpu_cores + 1e-9) {
          used[pod.node] -= workload.cpu_cores;
          pod.node = node.name;
          used[node.name] += workload.cpu_cores;
          break;
        }
      }
    }
  }

  void Do(const Action& action) {
    const auto at = Find(action.node);
    switch (action.kind) {
      case Action::Kind::kAdd:
        for (int i = 0; i < action.nodes; ++i) {
          if (out_of_stock.contains(action.pool + "/" + action.zone)) {
            Tell(Event::Kind::kStockOut, action.pool, action.zone, 0);
            break;
          }
          auto& node = AddNode(action.zone, action.pool);
          node.ready = false;
          node.booting_since = observation.now;
        }
        break;
      case Action::Kind::kDrain:
        at->draining = true;
        break;
      case Action::Kind::kUncordon:
        at->draining = false;
        break;
      case Action::Kind::kRemove:
        Erase(action.node);
        break;
    }
  }

  int made_ = 0;
  int created_ = 0;
};

}  // namespace scaler::engine::capacity

#include "scaler/engine/capacity/world.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "scaler/engine/capacity/learn.h"
#include "scaler/engine/capacity/placement.h"

namespace scaler::engine::capacity {
namespace {

using Index = std::unordered_map<std::string_view, int>;

constexpr double kLargest = 1e15;
constexpr int kMostPods = 1'000'000;

std::int64_t Up(double value) {
  return static_cast<std::int64_t>(std::ceil(std::clamp(value, 0.0, kLargest) - 1e-6));
}

std::int64_t Down(double value) {
  return static_cast<std::int64_t>(std::floor(std::clamp(value, 0.0, kLargest) + 1e-6));
}

double Finite(double value) { return std::isfinite(value) ? value : 0; }

std::size_t At(int index) { return static_cast<std::size_t>(index); }

class Builder {
 public:
  Builder(const CapacityPolicy& policy, const CapacityState& state,
          const CapacityObservation& observation)
      : policy_(policy), state_(state), observation_(observation) {}

  World Build() {
    AddZones();
    AddClasses();
    AddNodes();
    AddOffers();
    FillMayRun();
    AddPods();
    Settle();
    std::sort(world_.left_out.begin(), world_.left_out.end(),
              [](const auto& left, const auto& right) {
                return std::tie(left.what, left.why) < std::tie(right.what, right.why);
              });
    return std::move(world_);
  }

 private:
  void AddZones() {
    std::set<std::string> zones;
    for (const auto& node : observation_.nodes) {
      zones.insert(node.zone);
    }
    for (const auto& offer : observation_.offers) {
      zones.insert(offer.zone);
    }
    world_.zones.assign(zones.begin(), zones.end());
  }

  [[nodiscard]] int ZoneOf(const std::string& zone) const {
    const auto found = std::lower_bound(world_.zones.begin(), world_.zones.end(), zone);
    return static_cast<int>(found - world_.zones.begin());
  }

  void AddClasses() {
    std::vector<const Workload*> sorted;
    for (const auto& workload : observation_.workloads) {
      sorted.push_back(&workload);
    }
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* left, const auto* right) { return left->name < right->name; });
    for (const auto* workload : sorted) {
      if (class_of_.emplace(workload->name, static_cast<int>(world_.classes.size())).second) {
        AddClass(*workload);
      } else {
        world_.left_out.push_back({workload->name, "the workload is there twice"});
      }
    }
    for (const auto& shape : policy_.spare.shapes) {
      Workload workload;
      workload.name = "shape " + shape.name;
      workload.cpu_cores = shape.cpu_cores;
      workload.memory_bytes = shape.memory_bytes;
      world_.shapes.push_back(static_cast<int>(world_.classes.size()));
      AddClass(workload);
    }
  }

  void AddClass(const Workload& workload) {
    for (const auto& label : workload.selector) {
      selected_by_.insert(label.key);
    }
    PodClass pod_class;
    pod_class.workload = workload;
    pod_class.request = RequestOf(workload.cpu_cores, workload.memory_bytes);
    world_.classes.push_back(std::move(pod_class));
  }

  /// Nodes that no pod can tell apart have the same surroundings, whatever other labels they have.
  int KindOf(CapacityType type, int zone, const NodeKind& kind) {
    Surroundings found{type, zone, {}, kind.taints};
    for (const auto& label : kind.labels) {
      if (selected_by_.contains(label.key)) {
        found.labels.push_back(label);
      }
    }
    std::sort(found.labels.begin(), found.labels.end());
    std::sort(found.taints.begin(), found.taints.end());
    std::string key = std::to_string(static_cast<int>(type)) + '/' + std::to_string(zone);
    for (const auto& label : found.labels) {
      key += '\n' + label.key + '\t' + label.value;
    }
    for (const auto& taint : found.taints) {
      key += '\r' + taint;
    }
    const auto [at, is_new] = kind_of_.emplace(key, static_cast<int>(world_.kinds.size()));
    if (is_new) {
      world_.kinds.push_back(std::move(found));
    }
    return at->second;
  }

  [[nodiscard]] int PoolOf(const std::string& name) const {
    for (std::size_t pool = 0; pool < policy_.pools.size(); ++pool) {
      if (policy_.pools[pool].name == name) {
        return static_cast<int>(pool);
      }
    }
    return -1;
  }

  void AddNodes() {
    std::vector<const Node*> sorted;
    for (const auto& node : observation_.nodes) {
      sorted.push_back(&node);
    }
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* left, const auto* right) { return left->name < right->name; });
    for (const auto* node : sorted) {
      if (!node_of_.emplace(node->name, static_cast<int>(world_.nodes.size())).second) {
        world_.left_out.push_back({node->name, "the node is there twice"});
        continue;
      }
      NodeView view;
      view.node = node;
      view.zone = ZoneOf(node->zone);
      view.kind = KindOf(node->type, view.zone, node->kind);
      view.pool = PoolOf(node->pool);
      view.room = RoomOf(node->kind);
      const bool stays = !node->cordoned && !node->draining && !node->notice_until;
      view.usable = node->ready && stays;
      view.coming = !node->ready && stays && node->booting_since &&
                    !IsLate(state_, policy_, *node, observation_.now);
      world_.nodes.push_back(std::move(view));
    }
  }

  void AddOffers() {
    for (const auto& offer : observation_.offers) {
      OfferView view;
      view.offer = &offer;
      view.pool = PoolOf(offer.pool);
      if (view.pool < 0) {
        world_.left_out.push_back({offer.pool, "the policy has no such pool"});
        continue;
      }
      view.type = policy_.pools[At(view.pool)].type;
      view.zone = ZoneOf(offer.zone);
      view.room = RoomOf(offer.kind);
      view.late = IsLate(policy_, offer, view.type, observation_.now);
      view.coming = view.late ? 0 : std::max(offer.ordered, 0);
      world_.offers.push_back(view);
    }
    auto& offers = world_.offers;
    std::stable_sort(offers.begin(), offers.end(), [](const auto& left, const auto& right) {
      return std::tie(left.pool, left.zone) < std::tie(right.pool, right.zone);
    });
    offers.erase(std::unique(offers.begin(), offers.end(),
                             [](const auto& left, const auto& right) {
                               return left.pool == right.pool && left.zone == right.zone;
                             }),
                 offers.end());
    for (auto& view : offers) {
      view.kind = KindOf(view.type, view.zone, view.offer->kind);
    }
  }

  void FillMayRun() {
    world_.may_run.reserve(world_.classes.size() * world_.kinds.size());
    for (const auto& pod_class : world_.classes) {
      for (const auto& kind : world_.kinds) {
        const bool may = WhyNotOn(pod_class.workload, kind.type, kind.labels, kind.taints).empty();
        world_.may_run.push_back(may ? 1 : 0);
      }
    }
  }

  void AddPods() {
    std::vector<std::vector<int>> on(world_.nodes.size());
    for (const auto& pod : observation_.pods) {
      const auto pod_class = class_of_.find(pod.workload);
      const auto node = node_of_.find(pod.node);
      if (pod.leaving) {
        if (node != node_of_.end()) {
          world_.nodes[At(node->second)].empties = true;
        }
      } else if (pod_class == class_of_.end()) {
        ++unknown_;
        if (node != node_of_.end()) {
          world_.nodes[At(node->second)].pinned = true;
        }
      } else if (node != node_of_.end()) {
        on[At(node->second)].push_back(pod_class->second);
      } else if (!world_.classes[At(pod_class->second)].workload.daemon) {
        auto& waiting = world_.classes[At(pod_class->second)].waiting;
        waiting = std::min(waiting + 1, kMostPods);
      }
    }
    for (std::size_t node = 0; node < on.size(); ++node) {
      std::sort(on[node].begin(), on[node].end());
      Carry(static_cast<int>(node), on[node]);
    }
    if (unknown_ > 0) {
      world_.left_out.push_back(
          {std::to_string(unknown_) + " pods", "their workload is not known; their nodes stay"});
    }
  }

  void Carry(int index, const std::vector<int>& sorted) {
    auto& view = world_.nodes[At(index)];
    Amount daemons;
    for (auto at = sorted.begin(); at != sorted.end();) {
      const auto end = std::upper_bound(at, sorted.end(), *at);
      const int pods = static_cast<int>(end - at);
      auto& pod_class = world_.classes[At(*at)];
      if (pod_class.workload.daemon) {
        daemons.Add(pod_class.request, pods);
      } else {
        view.loads.push_back({*at, pods});
        view.pinned = view.pinned || !pod_class.workload.movable;
        // On a node that somebody cordoned they go on running.
        const bool stays = view.node->ready && !view.node->draining && !view.node->notice_until;
        (stays ? pod_class.pods : pod_class.waiting) += pods;
        if (pod_class.Spread() && view.usable) {
          pod_class.on.emplace_back(index, pods);
        }
      }
      at = end;
    }
    if (!view.usable) {
      daemons = DaemonsOf(view.kind);
    }
    view.room.Add(daemons, -1);
    view.free = view.room;
    for (const auto& load : view.loads) {
      view.free.Add(world_.classes[At(load.pod_class)].request, -load.pods);
    }
  }

  [[nodiscard]] Amount DaemonsOf(int kind) const {
    Amount daemons;
    for (std::size_t i = 0; i < world_.classes.size(); ++i) {
      if (world_.classes[i].workload.daemon && world_.MayRun(static_cast<int>(i), kind)) {
        daemons.Add(world_.classes[i].request);
      }
    }
    return daemons;
  }

  void Settle() {
    for (auto& view : world_.offers) {
      view.room.Add(DaemonsOf(view.kind), -1);
      world_.total.Add(view.room);
    }
    for (const auto& view : world_.nodes) {
      world_.total.Add(view.room);
    }
  }

  const CapacityPolicy& policy_;
  const CapacityState& state_;
  const CapacityObservation& observation_;
  World world_;
  Index class_of_;
  Index node_of_;
  std::unordered_map<std::string, int> kind_of_;
  std::set<std::string> selected_by_;
  int unknown_ = 0;
};

}  // namespace

Amount RequestOf(double cpu_cores, double memory_bytes) {
  return {Up(Finite(cpu_cores) * 1000), Up(Finite(memory_bytes)), 1};
}

Amount RoomOf(const NodeKind& kind) {
  return {Down(Finite(kind.cpu_cores) * 1000), Down(Finite(kind.memory_bytes)),
          std::max(kind.pods, 0)};
}

std::int64_t HowMany(const Amount& free, const Amount& request) {
  std::int64_t many = kMostPods;
  const auto take = [&](std::int64_t room, std::int64_t wanted) {
    if (wanted > 0) {
      many = std::min(many, room / wanted);
    }
  };
  take(free.pods, request.pods);
  take(free.cpu_milli, request.cpu_milli);
  take(free.memory_bytes, request.memory_bytes);
  return std::max<std::int64_t>(many, 0);
}

double World::Dominant(const Amount& amount) const {
  const auto share = [](std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
  };
  return std::max({share(amount.cpu_milli, total.cpu_milli),
                   share(amount.memory_bytes, total.memory_bytes), share(amount.pods, total.pods)});
}

World Prepare(const CapacityPolicy& policy, const CapacityState& state,
              const CapacityObservation& observation) {
  return Builder(policy, state, observation).Build();
}

const PlaceMemory* Remembered(const CapacityState& state, std::string_view pool,
                              std::string_view zone) {
  for (const auto& place : state.places) {
    if (place.pool == pool && place.zone == zone) {
      return &place;
    }
  }
  return nullptr;
}

}  // namespace scaler::engine::capacity

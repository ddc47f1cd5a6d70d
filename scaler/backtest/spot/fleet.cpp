#include "scaler/backtest/spot/fleet.h"

#include <algorithm>

namespace scaler::backtest::spot {
namespace {

using engine::capacity::Action;
using engine::capacity::Berth;
using engine::capacity::CapacityPolicy;
using engine::capacity::CapacityType;
using engine::capacity::Event;
using engine::capacity::NodeKind;
using engine::capacity::Pod;
using engine::capacity::Pool;

constexpr auto kWorkload = "replica";

/// A node that one replica fills.
NodeKind KindOf(CapacityType type, const World& world) {
  NodeKind kind;
  kind.cpu_cores = 1;
  kind.memory_bytes = 1e9;
  kind.price_per_hour = type == CapacityType::kSpot ? world.spot_price : 1.0;
  return kind;
}

CapacityType TypeOf(const CapacityPolicy& policy, const std::string& pool) {
  const auto found = std::find_if(policy.pools.begin(), policy.pools.end(),
                                  [&](const Pool& each) { return each.name == pool; });
  return found == policy.pools.end() ? CapacityType::kOnDemand : found->type;
}

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

Fleet::Fleet(const Market& market, const CapacityPolicy& policy)
    : market_(market), policy_(policy) {
  engine::capacity::Workload workload;
  workload.name = kWorkload;
  workload.cpu_cores = 1;
  seen_.workloads.push_back(workload);
  for (int number = 0; number < market.TheWorld().replicas; ++number) {
    seen_.pods.push_back({kWorkload + std::string("-") + std::to_string(number), kWorkload, ""});
  }
  for (const auto& pool : policy.pools) {
    for (const auto& zone : market.Zones()) {
      seen_.offers.push_back({pool.name, zone.name, KindOf(pool.type, market.TheWorld()), 0, {}});
    }
  }
}

void Fleet::Advance(Duration since_begin, Time now) {
  since_begin_ = since_begin;
  now_ = now;
  for (std::size_t zone = 0; zone < market_.Zones().size(); ++zone) {
    Lose(zone);
  }
  Boot();
  Schedule();
}

std::vector<Fleet::Node*> Fleet::SpotOf(std::size_t zone) {
  std::vector<Node*> there;
  for (auto& node : seen_.nodes) {
    if (node.type == CapacityType::kSpot && node.zone == market_.Zones()[zone].name) {
      there.push_back(&node);
    }
  }
  return there;
}

/// The youngest of a zone go first.
void Fleet::Lose(std::size_t zone) {
  auto there = SpotOf(zone);
  std::sort(there.begin(), there.end(), [&](const auto* left, const auto* right) {
    return order_[left->name] > order_[right->name];
  });
  const auto over = [&](int nodes) {
    return static_cast<std::size_t>(std::max(0, static_cast<int>(there.size()) - nodes));
  };
  const auto notice = market_.TheWorld().notice;
  std::vector<std::string> gone;
  for (std::size_t i = 0; i < over(market_.At(zone, since_begin_)); ++i) {
    gone.push_back(there[i]->name);
  }
  std::map<std::string, int> told;  // By pool.
  for (std::size_t i = 0; i < over(market_.Lasting(zone, since_begin_)); ++i) {
    if (!there[i]->notice_until) {
      there[i]->notice_until = now_ + notice;
      ++told[there[i]->pool];
    }
  }
  for (const auto& [pool, nodes] : told) {
    Tell(Event::Kind::kInterrupted, pool, market_.Zones()[zone].name, nodes, Seconds(notice));
  }
  for (const auto& name : gone) {
    Erase(name);
  }
}

void Fleet::Boot() {
  const auto start = market_.TheWorld().node_start;
  for (auto& node : seen_.nodes) {
    if (node.booting_since && now_ - *node.booting_since >= start) {
      node.booting_since.reset();
      node.ready = true;
      Tell(Event::Kind::kLaunched, node.pool, node.zone, 1, Seconds(start));
    }
  }
}

void Fleet::Schedule() {
  int unplaced = 0;
  for (const auto& pod : seen_.pods) {
    unplaced += Moves(pod) ? 1 : 0;
  }
  for (auto& pod : seen_.pods) {
    if (!Moves(pod)) {
      continue;
    }
    const auto berths = Berths();
    const auto placed = engine::capacity::Place(seen_.workloads.front(), unplaced--,
                                                static_cast<int>(market_.Zones().size()), berths);
    if (placed.berth >= 0) {
      pod.node = berths[static_cast<std::size_t>(placed.berth)].name;
    }
  }
}

bool Fleet::Moves(const Pod& pod) {
  const auto* const at = Find(pod.node);
  return at == nullptr || at->draining;
}

std::vector<Berth> Fleet::Berths() const {
  const auto& replica = seen_.workloads.front();
  const auto request = engine::capacity::RequestOf(replica.cpu_cores, replica.memory_bytes);
  std::vector<Berth> berths;
  for (const auto& node : seen_.nodes) {
    if (!node.ready) {
      continue;
    }
    const auto here = std::count_if(seen_.pods.begin(), seen_.pods.end(),
                                    [&](const Pod& pod) { return pod.node == node.name; });
    Berth berth;
    berth.name = node.name;
    berth.zone = node.zone;
    berth.type = node.type;
    berth.free = engine::capacity::RoomOf(node.kind);
    berth.free.Add(request, -here);
    berth.closed = node.draining ? "being emptied" : "";
    berth.same = node.draining ? 0 : static_cast<int>(here);
    berths.push_back(std::move(berth));
  }
  return berths;
}

bool Fleet::Do(const Action& action) {
  if (action.kind == Action::Kind::kAdd) {
    return Launch(action);
  }
  if (action.kind == Action::Kind::kRemove) {
    Erase(action.node);
  } else if (auto* const node = Find(action.node)) {
    node->draining = action.kind == Action::Kind::kDrain;
  }
  return false;
}

bool Fleet::HasRoom(const Action& action) const {
  if (TypeOf(policy_, action.pool) == CapacityType::kOnDemand) {
    return true;
  }
  const auto& zones = market_.Zones();
  const auto zone = std::find_if(zones.begin(), zones.end(),
                                 [&](const Zone& each) { return each.name == action.zone; });
  const auto used = std::count_if(seen_.nodes.begin(), seen_.nodes.end(), [&](const Node& node) {
    return node.type == CapacityType::kSpot && node.zone == action.zone;
  });
  return zone != zones.end() &&
         used < market_.Lasting(static_cast<std::size_t>(zone - zones.begin()), since_begin_);
}

bool Fleet::Launch(const Action& action) {
  for (int launched = 0; launched < action.nodes; ++launched) {
    if (!HasRoom(action)) {
      Tell(Event::Kind::kStockOut, action.pool, action.zone, action.nodes - launched, 0);
      return true;
    }
    Node node;
    node.name = action.pool + "-" + std::to_string(made_);
    node.pool = action.pool;
    node.zone = action.zone;
    node.type = TypeOf(policy_, action.pool);
    node.kind = KindOf(node.type, market_.TheWorld());
    node.booting_since = now_;
    order_[node.name] = made_++;
    seen_.nodes.push_back(std::move(node));
  }
  return false;
}

void Fleet::Erase(const std::string& name) {
  std::erase_if(seen_.nodes, [&](const Node& node) { return node.name == name; });
  for (auto& pod : seen_.pods) {
    if (pod.node == name) {
      pod.node.clear();
    }
  }
  order_.erase(name);
}

void Fleet::Tell(Event::Kind kind, const std::string& pool, const std::string& zone, int nodes,
                 double seconds) {
  seen_.events.push_back({seen_.now, kind, pool, zone, nodes, seconds});
}

Fleet::Node* Fleet::Find(const std::string& name) {
  const auto found = std::find_if(seen_.nodes.begin(), seen_.nodes.end(),
                                  [&](const Node& node) { return node.name == name; });
  return found == seen_.nodes.end() ? nullptr : &*found;
}

int Fleet::Nodes(CapacityType type) const {
  return static_cast<int>(std::count_if(seen_.nodes.begin(), seen_.nodes.end(),
                                        [&](const Node& node) { return node.type == type; }));
}

bool Fleet::AllRun() const {
  return std::all_of(seen_.pods.begin(), seen_.pods.end(),
                     [](const Pod& pod) { return !pod.node.empty(); });
}

}  // namespace scaler::backtest::spot

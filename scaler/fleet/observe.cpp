#include "scaler/fleet/observe.h"

#include <algorithm>
#include <set>

namespace scaler::fleet {
namespace {

namespace capacity = engine::capacity;
using platform::HostNode;
using platform::NodeNotice;
using platform::ProvidedNode;

constexpr auto kGroupKey = "local.group";

const HostNode* Find(const std::vector<HostNode>& hosts, const std::string& name) {
  const auto at =
      std::lower_bound(hosts.begin(), hosts.end(), name,
                       [](const HostNode& host, const auto& key) { return host.name < key; });
  return at == hosts.end() || at->name != name ? nullptr : &*at;
}

bool Recommended(const std::vector<NodeNotice>& notices, const std::string& node) {
  return std::any_of(notices.begin(), notices.end(), [&](const NodeNotice& notice) {
    return notice.node == node && notice.kind == NodeNotice::Kind::kRebalance;
  });
}

capacity::Node NodeOf(const Seen& seen, const ProvidedNode& provided) {
  capacity::Node node;
  node.name = provided.name;
  node.pool = PoolOf(seen.policy, provided.pool);
  node.zone = provided.zone;
  node.type = provided.type;
  node.kind = provided.kind;
  const auto* const host = Find(seen.hosts.nodes, provided.name);
  node.ready = provided.state == ProvidedNode::State::kRunning && host != nullptr && host->ready;
  node.cordoned = host != nullptr && host->cordoned;
  node.draining = host != nullptr && host->drain.has_value();
  const auto& known = seen.memory.nodes;
  const auto at =
      std::lower_bound(known.begin(), known.end(), provided.name,
                       [](const codec::KnownNode& one, const auto& key) { return one.name < key; });
  const bool was_ready = at != known.end() && at->name == provided.name && at->was_ready;
  if (!was_ready && !node.ready) {
    node.booting_since = seen.time.At(provided.ordered_at);
  }
  if (const auto deadline = DeadlineOf(seen.notices, provided.name)) {
    node.notice_until = seen.time.At(*deadline);
  }
  const auto& unwanted = seen.memory.unwanted;
  // On nodes that others make the mark is all that the next who leads may know of a person's wish.
  const bool marked =
      node.pool.empty() && node.draining && host->drain->reason == platform::kDrainAsked;
  node.unwanted = marked || std::binary_search(unwanted.begin(), unwanted.end(), provided.name) ||
                  Recommended(seen.notices, provided.name);
  return node;
}

void AddOffers(const Seen& seen, capacity::CapacityObservation& observation) {
  for (const auto& place : seen.provider.offers) {
    capacity::Offer offer;
    offer.pool = PoolOf(seen.policy, place.pool);
    if (offer.pool.empty()) {
      continue;
    }
    offer.zone = place.zone;
    offer.kind = place.kind;
    for (const auto& order : seen.memory.orders) {
      const int missing = order.nodes - static_cast<int>(order.seen.size());
      if (order.pool == offer.pool && order.zone == offer.zone && missing > 0) {
        offer.ordered += missing;
        offer.ordered_since = std::min(offer.ordered_since.value_or(order.at), order.at);
      }
    }
    observation.offers.push_back(std::move(offer));
  }
}

using Wishes = std::map<platform::WorkloadId, const Asked*>;

void AddWorkloads(const Seen& seen, const Wishes& wishes,
                  capacity::CapacityObservation& observation) {
  for (const auto& hosted : seen.hosts.workloads) {
    capacity::Workload workload;
    workload.name = platform::ToString(hosted.id);
    workload.cpu_cores = hosted.cpu_cores;
    workload.memory_bytes = hosted.memory_bytes;
    workload.tolerations = hosted.tolerations;
    workload.movable = hosted.movable;
    workload.disruptions_allowed = hosted.disruptions_allowed;
    if (const auto wish = wishes.find(hosted.id); wish != wishes.end()) {
      workload.spot = wish->second->placement.spot;
      workload.min_nodes = wish->second->placement.min_nodes;
      workload.min_zones = wish->second->placement.min_zones;
    }
    observation.workloads.push_back(std::move(workload));
  }
}

/// Pods that are there, and those that the same cycle has asked for.
void AddPods(const Seen& seen, const Wishes& wishes, capacity::CapacityObservation& observation) {
  std::map<platform::WorkloadId, int> staying;
  for (const auto& hosted : seen.hosts.pods) {
    observation.pods.push_back(
        {hosted->name, platform::ToString(hosted->workload), hosted->node, hosted->leaving});
    staying[hosted->workload] += hosted->leaving ? 0 : 1;
  }
  for (const auto& [id, wish] : wishes) {
    const auto name = platform::ToString(id);
    for (int i = staying[id]; i < wish->replicas; ++i) {
      observation.pods.push_back({name + "+" + std::to_string(i), name, "", false});
    }
  }
}

}  // namespace

const std::string& GroupOf(const capacity::Pool& pool) {
  const auto found = pool.provider.find(kGroupKey);
  return found == pool.provider.end() ? pool.name : found->second;
}

std::string PoolOf(const capacity::CapacityPolicy& policy, const std::string& group) {
  const auto found = std::find_if(policy.pools.begin(), policy.pools.end(),
                                  [&](const auto& pool) { return GroupOf(pool) == group; });
  return found == policy.pools.end() ? std::string() : found->name;
}

std::vector<NodeNotice> NoticesOf(const std::vector<signals::NodeNotice>& told) {
  std::vector<NodeNotice> notices;
  for (const auto& each : told) {
    const bool rebalance = each.notice.kind == signals::NoticeView::Kind::kRebalance;
    NodeNotice notice;
    notice.node = each.node;
    notice.kind = rebalance ? NodeNotice::Kind::kRebalance : NodeNotice::Kind::kTermination;
    if (!rebalance) {
      notice.deadline = each.notice.at;
    }
    notices.push_back(std::move(notice));
  }
  return notices;
}

std::optional<common::MonotonicTime> DeadlineOf(const std::vector<NodeNotice>& notices,
                                                const std::string& node) {
  std::optional<common::MonotonicTime> earliest;
  for (const auto& notice : notices) {
    if (notice.node == node && notice.kind == NodeNotice::Kind::kTermination && notice.deadline) {
      earliest = std::min(earliest.value_or(*notice.deadline), *notice.deadline);
    }
  }
  return earliest;
}

capacity::CapacityObservation Observe(const Seen& seen) {
  capacity::CapacityObservation observation;
  observation.now = seen.time.engine_now;
  for (const auto& provided : seen.provider.nodes) {
    if (provided.state != ProvidedNode::State::kGoing) {
      observation.nodes.push_back(NodeOf(seen, provided));
    }
  }
  Wishes wishes;
  for (const auto& asked : seen.asked) {
    wishes.emplace(asked.id, &asked);
  }
  AddOffers(seen, observation);
  AddWorkloads(seen, wishes, observation);
  AddPods(seen, wishes, observation);
  return observation;
}

}  // namespace scaler::fleet

#include "scaler/loop/blue_green.h"

#include <utility>

namespace scaler::loop {
namespace {

constexpr engine::Duration kBreak = std::chrono::seconds(30);

bool Serves(const std::optional<engine::Serving>& serving) { return serving && !serving->until; }

bool HasPair(const WorkloadMemory& memory) {
  return memory.governed && memory.governed->policy->guards.blue_green &&
         !memory.governed->peer.empty();
}

const WorkloadMemory* PeerOf(const WorkloadMemory& memory, const WorkloadMemories& memories) {
  const auto found = HasPair(memory) ? memories.find(memory.governed->peer) : memories.end();
  return found != memories.end() && found->second.governed ? &found->second : nullptr;
}

}  // namespace

void FollowTraffic(double arrivals, double arrivals_of_peer, engine::Time now,
                   std::optional<engine::Serving>& serving) {
  if (arrivals > 0) {
    if (!serving || (serving->until && now - *serving->until >= kBreak)) {
      serving = engine::Serving{.since = now, .until = {}};
    }
    serving->until.reset();
  } else if (arrivals_of_peer > 0 && Serves(serving)) {
    serving->until = now;
  }
}

std::set<std::string> FollowTraffic(WorkloadMemories& memories, const signals::Signals& signals,
                                    const signals::TimeMap& time) {
  std::set<std::string> changed;
  const auto follow = [&](const std::string& name, double arrivals, double arrivals_of_peer) {
    auto& serving = memories.at(name).state.serving;
    const auto before = serving;
    FollowTraffic(arrivals, arrivals_of_peer, time.engine_now, serving);
    if (serving != before) {
      changed.insert(name);
    }
  };
  for (const auto& [name, memory] : memories) {
    const auto* const peer = PeerOf(memory, memories);
    if (peer == nullptr) {
      continue;
    }
    const auto own = signals.DemandOf(memory.governed->tenant, time).sample;
    const auto other = signals.DemandOf(peer->governed->tenant, time).sample;
    // What nobody sees starts nothing and ends nothing.
    const double arrivals = own ? own->value.arrivals_per_second : 0;
    const double arrivals_of_peer = other ? other->value.arrivals_per_second : 0;
    if (own) {
      follow(name, arrivals, arrivals_of_peer);
    }
    if (other) {
      // It may have no guard of its own.
      follow(memory.governed->peer, arrivals_of_peer, arrivals);
    }
  }
  return changed;
}

void ObservePeer(const WorkloadMemory& memory, const WorkloadMemories& memories,
                 const signals::Signals& signals, const signals::TimeMap& time,
                 engine::Observation& observation) {
  if (!HasPair(memory)) {
    return;
  }
  const auto& name = memory.governed->peer;
  const auto* const peer = PeerOf(memory, memories);
  if (peer == nullptr) {
    observation.left_out.push_back({"peer", name + " is no workload that a policy is for"});
    return;
  }
  const auto demand = signals.DemandOf(peer->governed->tenant, time);
  const auto& own = memory.state.serving;
  const auto& other = peer->state.serving;
  engine::Peer seen;
  seen.name = name;
  seen.desired_replicas = peer->desired.value_or(0);
  seen.arrivals_per_second = demand.sample ? demand.sample->value.arrivals_per_second : 0;
  if (Serves(other)) {
    seen.serving_since = other->since;
  }
  seen.we_serve = Serves(own);
  if (own) {
    seen.we_served_until = own->until;
  }
  observation.peer = std::move(seen);
}

}  // namespace scaler::loop

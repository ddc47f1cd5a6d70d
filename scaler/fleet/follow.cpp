#include "scaler/fleet/follow.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "scaler/fleet/observe.h"

namespace scaler::fleet {
namespace {

namespace capacity = engine::capacity;
using capacity::Event;
using codec::KnownNode;
using platform::HostedPod;
using platform::ProvidedNode;
using State = ProvidedNode::State;

/// As long as the engine waits for an order before it counts as late.
constexpr auto kOrderExpires = std::chrono::minutes(15);

double Seconds(auto duration) { return std::chrono::duration<double>(duration).count(); }

class Following {
 public:
  Following(const Followed& seen, codec::CapacityMemory& memory, FleetCounters& counters,
            std::vector<Event>& events)
      : seen_(seen), memory_(memory), counters_(counters), events_(events) {
    for (const auto& pod : seen.hosts.pods) {
      on_[pod->node].push_back(pod.get());
    }
    for (const auto& pod : seen.pods_before) {
      before_[pod->node].push_back(pod.get());
    }
  }

  void Run() {
    std::vector<KnownNode> known;
    for (const auto& node : seen_.provider.nodes) {
      known.push_back(TakeNode(node));
    }
    std::sort(known.begin(), known.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    for (auto& old : memory_.nodes) {
      const bool there =
          std::binary_search(known.begin(), known.end(), old,
                             [](const auto& a, const auto& b) { return a.name < b.name; });
      if (!there) {
        NoteGone(old, false);
        std::erase(memory_.unwanted, old.name);
      }
    }
    memory_.nodes = std::move(known);
    FollowDrains();
    ExpireOrders();
  }

 private:
  /// As it is remembered; one that is new without its steps.
  [[nodiscard]] std::pair<KnownNode, bool> Remembered(const ProvidedNode& node) const {
    const auto at =
        std::lower_bound(memory_.nodes.begin(), memory_.nodes.end(), node.name,
                         [](const KnownNode& one, const auto& name) { return one.name < name; });
    if (at != memory_.nodes.end() && at->name == node.name) {
      return {*at, true};
    }
    KnownNode fresh;
    fresh.name = node.name;
    fresh.zone = node.zone;
    return {fresh, false};
  }

  KnownNode TakeNode(const ProvidedNode& node) {
    auto [known, is_known] = Remembered(node);
    known.pool = PoolOf(seen_.policy, node.pool);
    const bool ordered = !is_known && TakeOrder(node);
    if (node.state == State::kGoing) {
      NoteGone(known, true);
      known.removing = true;
      return known;
    }
    if (!known.was_ready && IsReady(node)) {
      known.was_ready = true;
      // One that was there before anybody looked tells nothing of how long it takes.
      if (is_known || ordered) {
        Tell(Event::Kind::kLaunched, known, Seconds(seen_.time.monotonic_now - node.ordered_at));
      }
    }
    const auto deadline = DeadlineOf(seen_.notices, node.name);
    if (deadline && !known.noticed) {
      known.noticed = true;
      CountInterruption(known, true);
      Tell(Event::Kind::kInterrupted, known,
           std::max(0.0, Seconds(*deadline - seen_.time.monotonic_now)));
    }
    if (deadline && *deadline <= seen_.time.monotonic_now && !known.missed &&
        on_.contains(node.name)) {
      known.missed = true;
      ++counters_.deadlines_missed;
    }
    return known;
  }

  [[nodiscard]] const platform::HostNode* HostOf(const std::string& name) const {
    const auto& hosts = seen_.hosts.nodes;
    const auto at =
        std::lower_bound(hosts.begin(), hosts.end(), name,
                         [](const auto& host, const auto& key) { return host.name < key; });
    return at == hosts.end() || at->name != name ? nullptr : &*at;
  }

  [[nodiscard]] bool IsReady(const ProvidedNode& node) const {
    const auto* const host = HostOf(node.name);
    return node.state == State::kRunning && host != nullptr && host->ready;
  }

  bool TakeOrder(const ProvidedNode& node) {
    const auto order = std::find_if(memory_.orders.begin(), memory_.orders.end(),
                                    [&](const auto& each) { return each.token == node.order; });
    if (node.order.empty() || order == memory_.orders.end()) {
      return false;
    }
    order->taken = true;
    order->seen.push_back(node.name);
    if (static_cast<int>(order->seen.size()) >= order->nodes) {
      memory_.orders.erase(order);
    }
    return true;
  }

  /// It is gone, or going without being asked. One that boots and is seen going was taken, as one
  /// that runs; one that boots and is there no more has never come to be.
  void NoteGone(KnownNode& known, bool taken) {
    if (known.removing || WasRemoved(known)) {
      return;
    }
    if (!known.was_ready && !taken) {
      ++counters_.refusals[{known.pool, "failed"}];
      Tell(Event::Kind::kFailed, known, 0);
      return;
    }
    if (!known.noticed) {
      CountInterruption(known, false);
      Tell(Event::Kind::kInterrupted, known, 0);
    }
    const auto pods = before_.find(known.name);
    if (pods == before_.end()) {
      return;
    }
    for (const auto* const pod : pods->second) {
      counters_.node_lost[pod->workload] += pod->leaving ? 0 : 1;
    }
    if (known.noticed && !known.missed) {
      known.missed = true;
      ++counters_.deadlines_missed;
    }
  }

  /// Whoever makes nodes that are not ours empties them before it removes them; what is taken is
  /// not empty as a rule.
  [[nodiscard]] bool WasRemoved(const KnownNode& known) const {
    return known.pool.empty() && !known.noticed && !before_.contains(known.name);
  }

  void FollowDrains() {
    for (auto& known : memory_.nodes) {
      const auto* const host = HostOf(known.name);
      if (host == nullptr || !host->drain) {
        known.emptied = false;
      } else if (!known.emptied && !on_.contains(known.name)) {
        known.emptied = true;
        counters_.drains[host->drain->reason].Observe(
            Seconds(seen_.time.monotonic_now - host->drain->since));
      }
    }
  }

  void ExpireOrders() {
    std::erase_if(memory_.orders, [&](const codec::OpenOrder& order) {
      if (seen_.time.engine_now - order.at < kOrderExpires) {
        return false;
      }
      GiveUp(order, Event::Kind::kFailed, seen_.time.engine_now, counters_, events_);
      return true;
    });
  }

  void CountInterruption(const KnownNode& known, bool announced) {
    ++counters_.interruptions[{{known.pool, known.zone}, announced}];
  }

  /// Nodes that go together are one interruption.
  void Tell(Event::Kind kind, const KnownNode& known, double seconds) {
    if (known.pool.empty()) {
      return;
    }
    const auto same = std::find_if(events_.begin(), events_.end(), [&](const Event& event) {
      return kind == Event::Kind::kInterrupted && event.kind == kind && event.pool == known.pool &&
             event.zone == known.zone && std::abs(event.seconds - seconds) < 1;
    });
    if (same != events_.end()) {
      ++same->nodes;
    } else {
      events_.push_back({seen_.time.engine_now, kind, known.pool, known.zone, 1, seconds});
    }
  }

  const Followed& seen_;
  codec::CapacityMemory& memory_;
  FleetCounters& counters_;
  std::vector<Event>& events_;
  std::map<std::string_view, std::vector<const HostedPod*>> on_;
  std::map<std::string_view, std::vector<const HostedPod*>> before_;
};

}  // namespace

void Follow(const Followed& seen, codec::CapacityMemory& memory, FleetCounters& counters,
            std::vector<Event>& events) {
  Following(seen, memory, counters, events).Run();
}

void GiveUp(const codec::OpenOrder& order, Event::Kind why, engine::Time at,
            FleetCounters& counters, std::vector<Event>& events) {
  const int missing = std::max(0, order.nodes - static_cast<int>(order.seen.size()));
  const char* const word = why == Event::Kind::kStockOut ? "stock_out"
                           : why == Event::Kind::kQuota  ? "quota"
                                                         : "failed";
  ++counters.refusals[{order.pool, word}];
  events.push_back({at, why, order.pool, order.zone, missing, 0});
}

}  // namespace scaler::fleet

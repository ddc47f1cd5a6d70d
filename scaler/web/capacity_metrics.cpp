#include "scaler/web/capacity_metrics.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "scaler/web/family.h"
#include "scaler/web/node_lost.h"
#include "scaler/web/node_state.h"
#include "scaler/web/spot_share.h"

namespace scaler::web {
namespace {

using engine::capacity::Action;
using engine::capacity::CapacityType;
using fleet::FleetStatus;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// Where the policy's pools may have nodes, and where they have some.
struct Place {
  std::string pool;
  std::string zone;
  CapacityType type = CapacityType::kOnDemand;

  friend auto operator<=>(const Place&, const Place&) = default;
};

std::set<Place> PlacesOf(const FleetStatus& status) {
  std::set<Place> places;
  if (!status.observation || !status.policy) {
    return places;
  }
  for (const auto& offer : status.observation->offers) {
    const auto& pools = status.policy->pools;
    const auto pool = std::find_if(pools.begin(), pools.end(), [&](const auto& candidate) {
      return candidate.name == offer.pool;
    });
    if (pool != pools.end()) {
      places.insert({offer.pool, offer.zone, pool->type});
    }
  }
  for (const auto& node : status.observation->nodes) {
    places.insert({node.pool, node.zone, node.type});
  }
  return places;
}

MetricFamily Nodes(const FleetStatus& status, const std::set<Place>& places) {
  Family family("trimtab_capacity_nodes", "Nodes that exist, by pool, zone and state.",
                MetricType::Gauge);
  std::map<std::pair<Place, std::string>, int> counts;
  if (status.observation) {
    for (const auto& node : status.observation->nodes) {
      ++counts[{{node.pool, node.zone, node.type}, StateOf(node)}];
    }
  }
  for (const auto& place : places) {
    for (const auto* state : kNodeStates) {
      family.Add({{"pool", place.pool},
                  {"zone", place.zone},
                  {"capacity_type", TypeName(place.type)},
                  {"state", state}},
                 counts[{place, state}]);
    }
  }
  return family.Take();
}

MetricFamily Ordered(const FleetStatus& status) {
  Family family("trimtab_capacity_ordered_nodes", "Nodes asked for, and not to be seen yet.",
                MetricType::Gauge);
  if (status.observation) {
    for (const auto& offer : status.observation->offers) {
      family.Add({{"pool", offer.pool}, {"zone", offer.zone}}, offer.ordered);
    }
  }
  return family.Take();
}

int MissingPods(const engine::capacity::CapacityDecision& decision) {
  int pods = 0;
  for (const auto& verdict : decision.spare) {
    for (const auto& missing : verdict.missing) {
      pods += missing.pods;
    }
  }
  return pods;
}

void AddSpare(const FleetStatus& status, std::vector<MetricFamily>& families) {
  const auto& spare = status.policy->spare;
  if (!spare.survive && spare.shapes.empty()) {
    return;
  }
  const auto& verdicts = status.decision->spare;
  const auto held = std::count_if(verdicts.begin(), verdicts.end(),
                                  [](const auto& verdict) { return verdict.holds; });
  const auto all = static_cast<std::ptrdiff_t>(verdicts.size());
  families.push_back(One("trimtab_capacity_spare_ok",
                         "1 while all that must still fit does, on the nodes that are ready.",
                         MetricType::Gauge, held == all ? 1 : 0));
  families.push_back(One("trimtab_capacity_spare_missing_pods",
                         "Pods that the checks of the spare would find no room for now.",
                         MetricType::Gauge, MissingPods(*status.decision)));
  families.push_back(One("trimtab_capacity_spare_nodes",
                         "Of what must still fit, how much does: losses of a node, and the shapes.",
                         MetricType::Gauge, static_cast<double>(held)));
  families.push_back(One("trimtab_capacity_spare_target_nodes",
                         "What must still fit: one for each node whose loss is to be survived, and "
                         "one for the shapes together.",
                         MetricType::Gauge, static_cast<double>(all)));
}

void AddShare(const FleetStatus& status, std::vector<MetricFamily>& families) {
  if (!status.policy->spot || !status.decision->spot) {
    return;
  }
  Family family("trimtab_capacity_spot_share",
                "Share of spot among the ready nodes that may be spot: as it is, and as the policy "
                "asks for.",
                MetricType::Gauge);
  family.Add({{"kind", "actual"}}, SpotShareOf(status));
  family.Add({{"kind", "policy"}}, status.policy->spot->share);
  families.push_back(family.Take());
}

template <typename Map, typename Key>
double CountOf(const Map& counts, const Key& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : static_cast<double>(found->second);
}

MetricFamily Refusals(const FleetStatus& status) {
  Family family("trimtab_capacity_refusals_total",
                "Orders that the provider did not take or did not keep.", MetricType::Counter);
  std::set<std::string> pools;
  if (status.policy) {
    for (const auto& pool : status.policy->pools) {
      pools.insert(pool.name);
    }
  }
  for (const auto& pool : pools) {
    for (const auto* why : {"stock_out", "quota", "failed"}) {
      family.Add({{"pool", pool}, {"why", why}},
                 CountOf(status.counters.refusals, std::pair(pool, std::string(why))));
    }
  }
  return family.Take();
}

MetricFamily Interruptions(const FleetStatus& status, const std::set<Place>& places) {
  Family family("trimtab_capacity_interruptions_total",
                "Nodes that the provider took or says it will take, announced or not.",
                MetricType::Counter);
  for (const auto& place : places) {
    for (const bool notice : {true, false}) {
      family.Add(
          {{"pool", place.pool}, {"zone", place.zone}, {"notice", notice ? "true" : "false"}},
          CountOf(status.counters.interruptions,
                  std::pair(std::pair(place.pool, place.zone), notice)));
    }
  }
  return family.Take();
}

MetricFamily Actions(const FleetStatus& status) {
  Family family("trimtab_capacity_actions_total",
                "What was asked of the provider and the platform, by result.", MetricType::Counter);
  for (const auto kind :
       {Action::Kind::kAdd, Action::Kind::kDrain, Action::Kind::kUncordon, Action::Kind::kRemove}) {
    const std::string name(engine::capacity::ActionName(kind));
    for (const bool ok : {true, false}) {
      family.Add({{"action", name}, {"result", ok ? "ok" : "failed"}},
                 CountOf(status.counters.actions, std::pair(name, ok)));
    }
  }
  return family.Take();
}

MetricFamily Drains(const FleetStatus& status) {
  Family family("trimtab_drain_seconds",
                "From the wish to empty a node until nothing ran on it, by the wish's reason.",
                MetricType::Histogram);
  for (const auto* reason : {"notice", "unneeded", "return", "asked", "rebalance"}) {
    const auto found = status.counters.drains.find(reason);
    const auto& times = found == status.counters.drains.end() ? fleet::DrainTimes() : found->second;
    prometheus::ClientMetric::Histogram histogram;
    const auto& bounds = fleet::DrainTimes::Bounds();
    for (std::size_t i = 0; i <= bounds.size(); ++i) {
      histogram.sample_count += i < times.counts.size() ? times.counts[i] : 0;
      histogram.bucket.push_back(
          {histogram.sample_count,
           i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity()});
    }
    histogram.sample_sum = times.sum;
    family.Add({{"reason", reason}}, std::move(histogram));
  }
  return family.Take();
}

MetricFamily NodeLost(const FleetStatus& status) {
  std::set<platform::WorkloadId> workloads;
  if (status.observation) {
    for (const auto& workload : status.observation->workloads) {
      const auto slash = workload.name.find('/');
      if (slash != std::string::npos) {
        workloads.insert({workload.name.substr(0, slash), workload.name.substr(slash + 1)});
      }
    }
  }
  return NodeLostFamily(std::move(workloads), status.counters.node_lost);
}

}  // namespace

std::vector<MetricFamily> CapacityFamilies(const FleetStatus& status) {
  const auto places = PlacesOf(status);
  std::vector<MetricFamily> families = {
      Nodes(status, places),
      Ordered(status),
      One("trimtab_capacity_pending_pods", "Replicas that have no node.", MetricType::Gauge,
          static_cast<double>(status.pending.size())),
      Refusals(status),
      Interruptions(status, places),
      One("trimtab_capacity_decisions_total",
          "Decisions about nodes that differ from the one before.", MetricType::Counter,
          static_cast<double>(status.counters.decisions)),
      Actions(status),
      One("trimtab_capacity_decision_seconds", "How long the last decision about nodes took.",
          MetricType::Gauge, status.decision_seconds),
      Drains(status),
      One("trimtab_drain_deadline_missed_total",
          "Nodes that the provider took, or whose time came, before they were empty.",
          MetricType::Counter, static_cast<double>(status.counters.deadlines_missed)),
      NodeLost(status),
  };
  if (status.policy && status.decision && status.observation) {
    AddSpare(status, families);
    AddShare(status, families);
  }
  return families;
}

}  // namespace scaler::web

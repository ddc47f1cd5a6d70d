// What one decision about the nodes costs, by the size of the cluster.

#include <benchmark/benchmark.h>

#include <string>

#include "scaler/engine/capacity/decide.h"

namespace {

using namespace scaler::engine::capacity;
using scaler::engine::Placement;
using scaler::engine::Time;

constexpr double kGiB = 1024.0 * 1024 * 1024;
constexpr int kPodsPerNode = 20;
constexpr int kWorkloads = 200;
constexpr const char* kZones[] = {"a", "b", "c"};

NodeKind KindOf(bool spot) {
  NodeKind kind;
  kind.cpu_cores = 8;
  kind.memory_bytes = 32 * kGiB;
  kind.price_per_hour = spot ? 0.3 : 1.0;
  return kind;
}

/// Twenty pods a node of two hundred sizes, a tenth of the workloads spread, another tenth never
/// on spot; some nodes lost, whose pods wait; spare by shapes and by loss; nodes
/// are full but for a little.
CapacityObservation Observe(int nodes, int waiting_percent) {
  CapacityObservation seen;
  seen.now = Time(std::chrono::hours(24 * 365 * 50));
  for (const bool spot : {false, true}) {
    for (const auto* zone : kZones) {
      seen.offers.push_back({spot ? "spot" : "dedicated", zone, KindOf(spot), 0, {}});
    }
  }
  for (int i = 0; i < kWorkloads; ++i) {
    Workload workload;
    workload.name = "shops/shop-" + std::to_string(i);
    workload.cpu_cores = 0.2 + 0.01 * (i % 37);
    workload.memory_bytes = (0.5 + 0.05 * (i % 41)) * kGiB;
    workload.spot = i % 10 == 0 ? Placement::Spot::kNever : Placement::Spot::kPrefer;
    workload.min_nodes = i % 10 == 5 ? 2 : 1;
    seen.workloads.push_back(std::move(workload));
  }
  int pod = 0;
  for (int i = 0; i < nodes; ++i) {
    const bool spot = i % 3 != 0;
    Node node;
    node.name = "ip-10-0-" + std::to_string(i) + ".compute.internal";
    node.pool = spot ? "spot" : "dedicated";
    node.type = spot ? CapacityType::kSpot : CapacityType::kOnDemand;
    node.zone = kZones[(i / 3) % 3];
    node.kind = KindOf(spot);
    node.kind.labels = {{"kubernetes.io/hostname", node.name}};
    node.ready = true;
    const bool lost = i * 100 < nodes * waiting_percent;
    for (int k = 0; k < kPodsPerNode; ++k, ++pod) {
      const int workload = (i * 7 + k * 11) % kWorkloads;
      const bool fits = !spot || workload % 10 != 0;
      seen.pods.push_back({"pod-" + std::to_string(pod),
                           "shops/shop-" + std::to_string(fits ? workload : workload + 1),
                           lost ? "" : node.name});
    }
    if (!lost) {
      seen.nodes.push_back(std::move(node));
    }
  }
  return seen;
}

CapacityPolicy Policy() {
  CapacityPolicy policy;
  policy.name = "production";
  policy.pools = {{"dedicated", CapacityType::kOnDemand, 3, 10'000, {}},
                  {"spot", CapacityType::kSpot, 0, 10'000, {}}};
  policy.spare.survive = Survive{.per_zone = true};
  policy.spare.shapes = {{"shop", 0.5, kGiB / 2, 200}};
  policy.spot = SpotRules{.share = 0.8,
                          .min_dedicated_nodes = 2,
                          .fallback_after = std::chrono::seconds(60),
                          .return_after = std::chrono::minutes(30)};
  policy.disruption = {.nodes_at_once = 5, .nodes_per_hour = 100};
  return policy;
}

/// From the observation as lists to the decision: nothing is kept from one to the next.
void DecideNodes(benchmark::State& state) {
  const auto policy = Policy();
  const auto seen = Observe(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  std::size_t actions = 0;
  for (auto _ : state) {
    const auto step = DecideCapacity(policy, {}, seen);
    actions = step.decision.actions.size();
    benchmark::DoNotOptimize(step);
  }
  state.counters["actions"] = static_cast<double>(actions);
  state.counters["pods"] = static_cast<double>(seen.pods.size());
}
BENCHMARK(DecideNodes)
    ->ArgNames({"nodes", "waiting_percent"})
    ->Args({50, 1})
    ->Args({500, 1})
    ->Args({5000, 1})
    ->Args({5000, 20})
    ->Unit(benchmark::kMillisecond);

}  // namespace

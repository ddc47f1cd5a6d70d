// What one round of the nodes' part of the loop costs, by the size of the cluster, from what the
// provider and the platform list to the decision and its line in the ledger; and how the loss of a
// whole zone goes, with and without a spare.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>

#include "common/log.h"
#include "scaler/fleet/fleet.h"
#include "simulation/fake_hosts.h"
#include "simulation/fake_provider.h"
#include "support/scratch_directory.h"
#include "support/simulated_executor.h"

namespace {

using namespace scaler::platform;
using scaler::engine::Duration;
using scaler::engine::capacity::CapacityPolicy;
using scaler::engine::capacity::CapacityType;
using std::chrono::seconds;

constexpr double kGiB = 1024.0 * 1024 * 1024;
constexpr int kPodsPerNode = 20;
constexpr int kWorkloads = 1000;
constexpr scaler::engine::Time kBegin{seconds(1'790'000'000)};

CapacityPolicy Production(int most) {
  CapacityPolicy policy;
  policy.name = "production";
  policy.pools = {{"dedicated", CapacityType::kOnDemand, 1, most, {}},
                  {"spot", CapacityType::kSpot, 0, most, {}}};
  policy.spare.survive = scaler::engine::capacity::Survive{.per_zone = true};
  policy.spot = scaler::engine::capacity::SpotRules{.share = 0.8,
                                                    .min_dedicated_nodes = 2,
                                                    .fallback_after = seconds(60),
                                                    .return_after = seconds(1800)};
  policy.disruption = {.nodes_at_once = 5, .nodes_per_hour = 100};
  return policy;
}

/// A cluster as recorded objects: what a provider and a platform of that size list.
class Recorded final : public NodePlatform, public NodeProvider {
 public:
  explicit Recorded(int nodes) {
    for (int i = 0; i < kWorkloads; ++i) {
      HostedWorkload workload;
      workload.id = {"shops", "shop-" + std::to_string(10'000 + i)};
      workload.cpu_cores = 0.2 + 0.001 * (i % 151);
      workload.memory_bytes = (0.5 + 0.005 * (i % 151)) * kGiB;
      hosts_.workloads.push_back(std::move(workload));
    }
    for (const bool spot : {false, true}) {
      for (const auto* zone : {"a", "b", "c"}) {
        view_.offers.push_back({spot ? "spot" : "dedicated", zone,
                                spot ? CapacityType::kSpot : CapacityType::kOnDemand, Kind(spot)});
      }
    }
    for (int i = 0; i < nodes; ++i) {
      AddNode(i);
    }
  }

  [[nodiscard]] HostView ListNodes() const override { return hosts_; }
  void SeeNodes(const ProviderView&) override {}
  void SetPlacement(const std::map<WorkloadId, scaler::engine::Placement>&) override {}
  void DrainNode(const std::string&, const Drain&, NodePlatform::Done done) override { done({}); }
  void UncordonNode(const std::string&, NodePlatform::Done done) override { done({}); }

  [[nodiscard]] ProviderView List() const override { return view_; }
  void Add(const NodeOrder&, NodeProvider::Done done) override { done(std::nullopt); }
  void Remove(const std::string&, NodeProvider::Done done) override { done(std::nullopt); }
  void OnChange(std::function<void()>) override {}

  [[nodiscard]] std::size_t Pods() const { return hosts_.pods.size(); }

 private:
  static scaler::engine::capacity::NodeKind Kind(bool spot) {
    scaler::engine::capacity::NodeKind kind;
    kind.cpu_cores = 8;
    kind.memory_bytes = 32 * kGiB;
    kind.price_per_hour = spot ? 0.3 : 1.0;
    return kind;
  }

  /// One of a hundred has come a moment ago and is empty.
  void AddNode(int number) {
    const bool spot = number % 5 != 0;
    ProvidedNode node;
    node.name = "ip-10-0-" + std::to_string(100'000 + number) + ".internal";
    node.pool = spot ? "spot" : "dedicated";
    node.type = spot ? CapacityType::kSpot : CapacityType::kOnDemand;
    node.zone = std::string(1, static_cast<char>('a' + number % 3));
    node.kind = Kind(spot);
    node.state = ProvidedNode::State::kRunning;
    hosts_.nodes.push_back({node.name, true, false, std::nullopt});
    for (int k = 0; number % 100 != 0 && k < kPodsPerNode; ++k) {
      const auto& workload =
          hosts_.workloads[static_cast<std::size_t>((number * 7 + k * 11) % kWorkloads)];
      hosts_.pods.push_back(std::make_shared<const HostedPod>(
          HostedPod{workload.id.name + "-" + std::to_string(number * kPodsPerNode + k),
                    workload.id,
                    node.name,
                    false,
                    {}}));
    }
    view_.nodes.push_back(std::move(node));
  }

  HostView hosts_;
  ProviderView view_;
};

/// Look, observe, decide; and the commit of the line and of what is remembered beside it.
void FleetRound(benchmark::State& state) {
  common::log::Configure(common::log::Level::kError, common::log::Format::kText);
  const auto nodes = static_cast<int>(state.range(0));
  common::SystemClock clock;
  tests::SimulatedExecutor executor{common::WallTime(seconds(1'790'000'000))};
  tests::ScratchDirectory directory;
  const auto ledger = scaler::ledger::Ledger::Open(directory.Path() / "ledger.sqlite").value();
  Recorded cluster(nodes);
  scaler::fleet::Fleet fleet(executor, cluster, cluster);
  fleet.SetPolicy(std::make_shared<const CapacityPolicy>(Production(2 * nodes)));
  fleet.Start(std::nullopt, [] {});
  double commit = 0;
  double worst = 0;
  int round = 0;
  for (auto _ : state) {
    executor.RunFor(seconds(5));
    fleet.Touch();
    scaler::ledger::Batch batch;
    const auto begin = clock.Monotonic();
    fleet.Decide({}, false, {kBegin + seconds(5 * ++round), executor.Monotonic()}, "", batch);
    const auto decided = clock.Monotonic();
    if (!ledger->Commit(batch, clock)) {
      state.SkipWithError("the ledger cannot be written");
    }
    const double took = std::chrono::duration<double>(decided - begin).count();
    state.SetIterationTime(took);
    worst = std::max(worst, took);
    commit = std::max(commit, std::chrono::duration<double>(clock.Monotonic() - decided).count());
    fleet.Act();
  }
  state.counters["pods"] = static_cast<double>(cluster.Pods());
  state.counters["worst_ms"] = worst * 1e3;
  state.counters["worst_commit_ms"] = commit * 1e3;
}
BENCHMARK(FleetRound)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->ArgName("nodes")
    ->Arg(50)
    ->Arg(500)
    ->Arg(1000)
    ->Arg(2500)
    ->Arg(5000)
    ->Iterations(5);

/// Sixty replicas of a core on nodes of four, evenly over three zones; nodes boot in a minute and
/// replicas start in five seconds. One zone goes at once. Spare 0: none; 1: the largest node of
/// each zone; 2: twenty replicas' worth besides, a zone of them.
void ZoneLoss(benchmark::State& state) {
  common::log::Configure(common::log::Level::kError, common::log::Format::kText);
  constexpr int kReplicas = 60;
  for (auto _ : state) {
    tests::SimulatedExecutor executor{common::WallTime(seconds(1'790'000'000))};
    simulation::FakeHosts hosts(executor, seconds(5), seconds(1));
    simulation::FakeProvider provider(executor, 1, seconds(60));
    provider.AddPool("dedicated", CapacityType::kOnDemand, 4, 1.0);
    hosts.AddWorkload("shop", 1, kReplicas);
    hosts.OnChange([] {});
    auto policy = Production(60);
    policy.pools.pop_back();
    policy.spot.reset();
    if (state.range(0) == 0) {
      policy.spare.survive.reset();
    } else if (state.range(0) == 2) {
      policy.spare.shapes = {{"zone", 1, 0, kReplicas / 3}};
    }
    scaler::fleet::Fleet fleet(executor, hosts, provider);
    fleet.SetPolicy(std::make_shared<const CapacityPolicy>(policy));
    fleet.Start(std::nullopt, [] {});
    const std::vector<scaler::fleet::Asked> asked = {{{"local", "shop"}, kReplicas, {}}};
    const auto run = [&](int duration) {
      for (int i = 0; i < duration; ++i) {
        scaler::ledger::Batch batch;
        const auto now = executor.Monotonic();
        fleet.Touch();
        fleet.Decide(asked, false,
                     {kBegin + std::chrono::duration_cast<Duration>(now.time_since_epoch()), now},
                     "", batch);
        fleet.Act();
        executor.RunFor(seconds(1));
      }
    };
    run(600);
    state.counters["nodes"] = static_cast<double>(provider.Nodes().size());
    std::vector<std::string> zone;
    for (const auto& [name, node] : provider.Nodes()) {
      if (node.zone == "a") {
        zone.push_back(name);
      }
    }
    for (const auto& name : zone) {
      provider.Take(name);
    }
    int second = 0;
    for (const int at : {0, 5, 10, 30, 60, 70, 90, 120}) {
      run(at - second);
      second = at;
      state.counters["ready_percent_at_" + std::to_string(at) + "_s"] =
          100.0 * hosts.ReadyOfAll() / kReplicas;
    }
  }
}
BENCHMARK(ZoneLoss)->ArgName("spare")->DenseRange(0, 2)->Iterations(1)->Unit(
    benchmark::kMillisecond);

}  // namespace

#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "scaler/codec/capacity.h"
#include "scaler/fleet/fleet.h"
#include "scaler/ledger/ledger.h"
#include "scaler/loop/loop.h"
#include "scaler/loop/policy_keeper.h"
#include "simulation/fake_agent.h"
#include "simulation/fake_hosts.h"
#include "simulation/fake_provider.h"
#include "support/scratch_directory.h"
#include "support/simulated_executor.h"

namespace simulation {

inline constexpr const char* kShopsOnNodes = R"(
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: shops}
spec:
  target: {selector: {matchLabels: {app.kubernetes.io/part-of: shop}}}
  replicas: {min: 1, max: 12}
  signals: {requests: {perReplica: 20/s}}
)";

inline constexpr const char* kProduction = R"(
---
apiVersion: trimtab.io/v1alpha1
kind: CapacityPolicy
metadata: {name: production}
spec:
  pools:
    dedicated: {capacityType: on-demand, nodes: {min: 1, max: 10}, provider: {local: {group: dedicated}}}
    spot: {capacityType: spot, nodes: {min: 0, max: 10}, provider: {local: {group: spot}}}
  spare: {survive: {loss: largestNode, per: cluster}}
  spot: {share: 100%, minDedicatedNodes: 1, fallbackAfter: 40s, returnAfter: 2m}
  disruption: {nodesAtOnce: 1, nodesPerHour: 100}
)";

/// A whole scaler with nodes: an agent, hosts and a provider on one virtual clock.
class NodesWorld {
 public:
  explicit NodesWorld(std::uint32_t seed = 1)
      : executor(common::WallTime(std::chrono::seconds(1'790'000'000))),
        hosts(executor, std::chrono::seconds(3), std::chrono::seconds(5)),
        provider(executor, seed, std::chrono::seconds(20)),
        agent(executor, seed + 1, {}) {
    provider.AddPool("dedicated", FakeProvider::Type::kOnDemand, 2, 1.0);
    provider.AddPool("spot", FakeProvider::Type::kSpot, 2, 0.3);
    WritePolicies(std::string(kShopsOnNodes) + kProduction);
  }

  void WritePolicies(const std::string& text) const {
    std::filesystem::create_directories(directory.Path() / "policies");
    std::ofstream(directory.Path() / "policies" / "policies.yaml") << text;
  }

  void AddShop(const std::string& name, double rate, double cores = 0.5, int replicas = 1) {
    hosts.AddWorkload(name, cores, replicas);
    agent.SetRate(name, rate);
  }

  void StartScaler() {
    ledger = std::move(scaler::ledger::Ledger::Open(directory.Path() / "ledger.sqlite").value());
    signals = std::make_unique<scaler::signals::Signals>(executor, agent,
                                                         std::vector<std::string>{"node-1:9105"});
    fleet = std::make_unique<scaler::fleet::Fleet>(executor, hosts, provider);
    fleet->SetNotices([this] { return notices; });
    loop = std::make_unique<scaler::loop::Loop>(executor, hosts, *signals, *ledger, freeze, board);
    loop->UseFleet(*fleet);
    policies = std::make_unique<scaler::loop::PolicyKeeper>(executor, hosts,
                                                            directory.Path() / "policies");
    ASSERT_TRUE(loop->Start(policies->First()));
    policies->Watch(*loop);
  }

  void KillScaler() {
    policies.reset();
    loop.reset();
    fleet.reset();
    signals.reset();
    ledger.reset();
  }

  /// Runs until `condition` holds, at most `limit`; how long it took.
  template <typename Condition>
  double SecondsUntil(Condition condition, std::chrono::seconds limit) {
    const auto begin = executor.Monotonic();
    while (!condition() && executor.Monotonic() - begin < limit) {
      executor.RunFor(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(condition()) << "not within " << limit.count() << " s";
    return std::chrono::duration<double>(executor.Monotonic() - begin).count();
  }

  void Notice(const std::string& node, std::chrono::seconds lead) {
    notices.push_back(
        {node, scaler::platform::NodeNotice::Kind::kTermination, executor.Monotonic() + lead});
  }

  [[nodiscard]] std::vector<scaler::ledger::CapacityEntry> Entries() const {
    return ledger->ReadCapacity({.workload = "", .after_id = 0, .limit = 1'000'000}).value();
  }

  void ExpectEveryLineToReplay() const {
    for (const auto& entry : Entries()) {
      EXPECT_TRUE(scaler::codec::Replays(entry.line)) << entry.id;
    }
  }

  [[nodiscard]] scaler::fleet::FleetStatus Fleet() const {
    const auto status = board.Get();
    return status->fleet ? *status->fleet : scaler::fleet::FleetStatus();
  }

  [[nodiscard]] bool SpareHolds() const {
    const auto decision = Fleet().decision;
    return decision && std::all_of(decision->spare.begin(), decision->spare.end(),
                                   [](const auto& spare) { return spare.holds; });
  }

  /// Whether a decision in the ledger named the node for removal.
  [[nodiscard]] bool WasNamed(const std::string& node) const {
    for (const auto& entry : Entries()) {
      for (const auto& action : entry.line.decision.actions) {
        if (action.kind == scaler::engine::capacity::Action::Kind::kRemove && action.node == node) {
          return true;
        }
      }
    }
    return false;
  }

  tests::SimulatedExecutor executor;
  FakeHosts hosts;
  FakeProvider provider;
  FakeAgent agent;
  std::vector<scaler::platform::NodeNotice> notices;
  tests::ScratchDirectory directory;
  scaler::loop::StatusBoard board;
  scaler::loop::FreezeSwitch freeze{directory.Path() / "freeze.json"};
  std::unique_ptr<scaler::ledger::Ledger> ledger;
  std::unique_ptr<scaler::signals::Signals> signals;
  std::unique_ptr<scaler::fleet::Fleet> fleet;
  std::unique_ptr<scaler::loop::Loop> loop;
  std::unique_ptr<scaler::loop::PolicyKeeper> policies;
};

}  // namespace simulation

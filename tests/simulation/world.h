#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "scaler/codec/codec.h"
#include "scaler/ledger/ledger.h"
#include "scaler/loop/loop.h"
#include "scaler/loop/policy_keeper.h"
#include "simulation/fake_agent.h"
#include "simulation/fake_platform.h"
#include "simulation/fake_prometheus.h"
#include "support/scratch_directory.h"
#include "support/simulated_executor.h"

namespace simulation {

/// The profile is left at its default.
inline constexpr const char* kShops = R"(
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: shops}
spec:
  target: {selector: {matchLabels: {app.kubernetes.io/part-of: shop}}}
  replicas: {min: 0, max: 12}
  signals: {requests: {perReplica: 20/s}}
  idle: {after: 1m}
)";

/// A whole scaler, a platform and an agent, on one virtual clock.
class World {
 public:
  explicit World(std::uint32_t seed, FakeAgent::Faults faults = {})
      : random(seed),
        executor(common::WallTime(std::chrono::seconds(1'790'000'000))),
        platform(executor, seed + 1, std::chrono::seconds(2), std::chrono::seconds(20)),
        agent(executor, seed + 2, faults) {
    WritePolicy(kShops);
  }

  void WritePolicy(const std::string& text) const {
    std::filesystem::create_directories(directory.Path() / "policies");
    std::ofstream(directory.Path() / "policies" / "shops.yaml") << text;
  }

  void AddShop(const std::string& name, double rate = 0, int replicas = 0,
               const std::map<std::string, std::string>& labels = {}) {
    platform.AddWorkload(name, replicas, labels);
    agent.SetRate(name, rate);
    shops.push_back(name);
  }

  void StartScaler() {
    ledger = std::move(scaler::ledger::Ledger::Open(directory.Path() / "ledger.sqlite").value());
    signals = std::make_unique<scaler::signals::Signals>(executor, agent,
                                                         std::vector<std::string>{"node-1:9105"});
    external = std::make_unique<scaler::signals::ExternalSignals>(
        executor, prometheus, scaler::signals::ExternalOptions{.source = "prometheus:9090"});
    loop = std::make_unique<scaler::loop::Loop>(executor, platform, *signals, *ledger, freeze,
                                                board, scaler::loop::LoopOptions{}, external.get());
    policies = std::make_unique<scaler::loop::PolicyKeeper>(executor, platform,
                                                            directory.Path() / "policies");
    ASSERT_TRUE(loop->Start(policies->First()));
    policies->Watch(*loop);
  }

  void KillScaler() {
    policies.reset();
    loop.reset();
    external.reset();
    signals.reset();
    ledger.reset();
  }

  /// Runs until `condition` holds, at most `limit`; how long it took.
  template <typename Condition>
  double SecondsUntil(Condition condition, std::chrono::seconds limit) {
    const auto begin = executor.Monotonic();
    while (!condition() && executor.Monotonic() - begin < limit) {
      executor.RunFor(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(condition()) << "not within " << limit.count() << " s";
    return std::chrono::duration<double>(executor.Monotonic() - begin).count();
  }

  [[nodiscard]] std::vector<scaler::ledger::Entry> Entries() const {
    return ledger->Read({.workload = "", .after_id = 0, .limit = 1'000'000}).value();
  }

  /// The newest one of all, whatever its outcome.
  [[nodiscard]] scaler::engine::Decision DecisionOf(const std::string& name) const {
    const auto status = board.Get();
    for (const auto& each : status->workloads) {
      if (each.workload->id.name == name && each.decision) {
        return *each.decision;
      }
    }
    ADD_FAILURE() << name << " has no decision";
    return {};
  }

  /// Every line that the ledger has, as bytes.
  [[nodiscard]] std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    const auto entries = Entries();
    for (const auto& entry : entries) {
      lines.push_back(scaler::codec::EncodeLine(entry.line));
    }
    return lines;
  }

  std::mt19937 random;
  tests::SimulatedExecutor executor;
  FakePlatform platform;
  FakeAgent agent;
  FakePrometheus prometheus{executor};
  tests::ScratchDirectory directory;
  scaler::loop::StatusBoard board;
  scaler::loop::FreezeSwitch freeze{directory.Path() / "freeze.json"};
  std::unique_ptr<scaler::ledger::Ledger> ledger;
  std::unique_ptr<scaler::signals::Signals> signals;
  std::unique_ptr<scaler::signals::ExternalSignals> external;
  std::unique_ptr<scaler::loop::Loop> loop;
  std::unique_ptr<scaler::loop::PolicyKeeper> policies;
  std::vector<std::string> shops;
};

}  // namespace simulation

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "scaler/kubernetes/leadership/gated_transport.h"
#include "scaler/kubernetes/leadership/succession.h"
#include "scaler/kubernetes/workloads/cluster_platform.h"
#include "scaler/ledger/ledger.h"
#include "scaler/loop/loop.h"
#include "scaler/loop/policy_keeper.h"
#include "simulation/fake_agent.h"
#include "support/fake_api/fake_api.h"
#include "support/fake_api/link.h"
#include "support/pausable_executor.h"
#include "support/scratch_directory.h"
#include "support/simulated_executor.h"

namespace simulation {

inline constexpr const char* kDeployments = "/apis/apps/v1/deployments";
inline constexpr const char* kReplicaSets = "/apis/apps/v1/replicasets";
inline constexpr const char* kPods = "/api/v1/pods";
inline constexpr const char* kLeases = "/apis/coordination.k8s.io/v1/leases";
inline constexpr const char* kMaps = "/api/v1/configmaps";

inline constexpr const char* kClusterShops = R"(
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: shops, namespace: shops}
spec:
  target: {selector: {matchLabels: {app.kubernetes.io/part-of: shop}}}
  replicas: {min: 1, max: 30}
  signals: {requests: {perReplica: 20/s}}
  objective: {overload: 50%}
  guards: {flapping: ignore}
  behavior:
    scaleUp:
      policies: [{type: Pods, value: 6, periodSeconds: 15}]
    scaleDown:
      stabilizationWindowSeconds: 120
      policies: [{type: Pods, value: 5, periodSeconds: 15}]
)";

/// One of several scalers of a cluster, as one process.
struct ClusterScaler {
  ClusterScaler(tests::SimulatedExecutor& world, tests::FakeApi& api, const std::string& called,
                std::uint32_t seed, const std::filesystem::path& policies, FakeAgent& fake_agent)
      : name(called),
        executor(world),
        link(world, executor, api, std::chrono::milliseconds(5)),
        gate(
            executor, link, [this] { return succession && succession->MayWrite(); },
            scaler::kubernetes::leadership::LeasesOf("trimtab")),
        tokens(common::kubernetes::MakeTokenSource(executor, access)),
        client(executor, gate, *tokens, {.rate = {}, .user_agent = called}),
        agent(fake_agent),
        policies_directory(policies),
        world_(world),
        seed_(seed) {
    platform = std::make_unique<scaler::kubernetes::workloads::ClusterPlatform>(executor, client);
    platform->Start([this] { executor.Post([this] { Begin(); }); });
  }

  void Begin() {
    using scaler::kubernetes::leadership::CheckpointOptions;
    using scaler::kubernetes::leadership::ElectorOptions;
    ledger = std::move(scaler::ledger::Ledger::Open(directory.Path() / "ledger.sqlite").value());
    signals = std::make_unique<scaler::signals::Signals>(executor, agent,
                                                         std::vector<std::string>{"node-1:9105"});
    ElectorOptions elector;
    elector.identity = name;
    elector.seed = seed_;
    succession = std::make_unique<scaler::kubernetes::leadership::Succession>(
        executor, client, elector, CheckpointOptions{}, [this] { return world_.Monotonic(); });
    loop =
        std::make_unique<scaler::loop::Loop>(executor, *platform, *signals, *ledger, freeze, board);
    loop->UseLeadership(succession->View());
    keeper = std::make_unique<scaler::loop::PolicyKeeper>(executor, *platform, policies_directory);
    ASSERT_TRUE(loop->Start(keeper->First()));
    keeper->Watch(*loop);
    succession->Start(*loop);
  }

  /// kill -9: what is on the wire arrives.
  void Kill() {
    keeper.reset();
    succession.reset();
    loop.reset();
    signals.reset();
    platform.reset();
    ledger.reset();
    dead = true;
  }

  [[nodiscard]] bool Leads() const { return succession && succession->Leads(); }

  std::string name;
  bool dead = false;
  tests::PausableExecutor executor;
  tests::Link link;
  scaler::kubernetes::leadership::GatedTransport gate;
  common::kubernetes::Access access;
  std::unique_ptr<common::kubernetes::TokenSource> tokens;
  common::kubernetes::Client client;
  FakeAgent& agent;
  std::filesystem::path policies_directory;
  tests::ScratchDirectory directory;
  scaler::loop::StatusBoard board;
  scaler::loop::FreezeSwitch freeze{directory.Path() / "freeze.json"};
  std::unique_ptr<scaler::kubernetes::workloads::ClusterPlatform> platform;
  std::unique_ptr<scaler::ledger::Ledger> ledger;
  std::unique_ptr<scaler::signals::Signals> signals;
  std::unique_ptr<scaler::kubernetes::leadership::Succession> succession;
  std::unique_ptr<scaler::loop::Loop> loop;
  std::unique_ptr<scaler::loop::PolicyKeeper> keeper;

 private:
  tests::SimulatedExecutor& world_;
  std::uint32_t seed_;
};

inline constexpr int kMostScalers = 4;

/// A cluster with shops, who makes their pods, and some scalers, on one virtual clock.
class ClusterWorld {
 public:
  explicit ClusterWorld(int count) {
    for (const auto* const path :
         {kDeployments, kReplicaSets, "/apis/apps/v1/statefulsets", kPods,
          "/apis/autoscaling/v2/horizontalpodautoscalers", kLeases, kMaps}) {
      api.Serve(path);
    }
    std::filesystem::create_directories(directory.Path() / "policies");
    std::ofstream(directory.Path() / "policies" / "shops.yaml") << kClusterShops;
    for (int i = 0; i < kMostScalers; ++i) {
      agents.push_back(std::make_unique<FakeAgent>(executor, 7, FakeAgent::Faults{}));
    }
    for (const auto* const shop : {"shop-1", "shop-2"}) {
      AddShop(shop);
      SetRate(shop, 10);
    }
    Control();
    for (int i = 0; i < count; ++i) {
      AddScaler();
      Run(std::chrono::milliseconds(200));
    }
  }

  ClusterScaler& AddScaler() {
    const auto number = scalers.size() + 1;
    scalers.push_back(std::make_unique<ClusterScaler>(
        executor, api, "scaler-" + std::to_string(number), static_cast<std::uint32_t>(number),
        directory.Path() / "policies", *agents.at(number - 1)));
    return *scalers.back();
  }

  void SetRate(const std::string& shop, double rate) {
    for (const auto& agent : agents) {
      agent->SetRate(shop, rate);
    }
  }

  [[nodiscard]] ClusterScaler& Leader() {
    for (const auto& scaler : scalers) {
      if (scaler->Leads()) {
        return *scaler;
      }
    }
    ADD_FAILURE() << "nobody leads";
    return *scalers.front();
  }

  [[nodiscard]] int Leaders() const {
    return static_cast<int>(std::count_if(scalers.begin(), scalers.end(),
                                          [](const auto& scaler) { return scaler->Leads(); }));
  }

  /// In small steps; at each of them at most one scaler leads, and what was written since was
  /// written by whoever had the lease.
  void Run(std::chrono::milliseconds time) {
    for (std::chrono::milliseconds passed{0}; passed < time;
         passed += std::chrono::milliseconds(20)) {
      executor.RunFor(std::chrono::milliseconds(20));
      ASSERT_LE(Leaders(), 1);
      const auto& requests = api.Requests();
      for (; seen_ < requests.size(); ++seen_) {
        const auto& request = requests[seen_];
        if (request.method == "PATCH" && request.target.find("/scale") != std::string::npos) {
          const auto lease = api.Get(kLeases, "trimtab", "trimtab-scaler");
          EXPECT_NE(lease.find("\"holderIdentity\":\"" + request.headers.at("User-Agent") + "\""),
                    std::string::npos)
              << lease;
          ++writes;
        }
      }
    }
  }

  [[nodiscard]] int Desired(const std::string& shop) const {
    const auto json = api.Get(kDeployments, "shops", shop);
    const std::string key = "\"replicas\":";
    const auto at = json.find(key);
    int replicas = 0;
    if (at != std::string::npos) {
      std::from_chars(json.data() + at + key.size(), json.data() + json.size(), replicas);
    }
    return replicas;
  }

  tests::SimulatedExecutor executor{common::WallTime(std::chrono::seconds(1'790'000'000))};
  tests::FakeApi api{executor};
  tests::ScratchDirectory directory;
  /// One agent, as each scaler hears it.
  std::vector<std::unique_ptr<FakeAgent>> agents;
  std::vector<std::unique_ptr<ClusterScaler>> scalers;
  int writes = 0;

 private:
  struct Shop {
    std::vector<std::string> pods;
    int made = 0;
    std::vector<std::unique_ptr<common::Timer>> timers;
  };

  static std::string UidIn(const std::string& json) {
    const std::string key = "\"uid\":\"";
    const auto from = json.find(key) + key.size();
    return json.substr(from, json.find('"', from) - from);
  }

  void AddShop(const std::string& name) {
    api.PutObject(kDeployments,
                  R"({"metadata":{"name":")" + name +
                      R"(","namespace":"shops","labels":{"app.kubernetes.io/part-of":"shop"}},)"
                      R"("spec":{"replicas":1,"selector":{"matchLabels":{"app":")" +
                      name +
                      R"("}},"template":{"spec":{"containers":[{"name":"c","resources":)"
                      R"({"requests":{"cpu":"100m"}}}]}}}})");
    api.PutObject(kReplicaSets,
                  R"({"metadata":{"name":")" + name + R"(-rs","namespace":"shops",)" +
                      Owner("Deployment", name, UidIn(api.Get(kDeployments, "shops", name))) +
                      R"(},"spec":{"replicas":1}})");
    shops_[name];
  }

  static std::string Owner(const std::string& kind, const std::string& name,
                           const std::string& uid) {
    return R"("ownerReferences":[{"apiVersion":"apps/v1","kind":")" + kind + R"(","name":")" +
           name + R"(","uid":")" + uid + R"(","controller":true}])";
  }

  /// What the controllers and the kubelets of a cluster do.
  void Control() {
    for (auto& [name, shop] : shops_) {
      const auto wanted = static_cast<std::size_t>(Desired(name));
      while (shop.pods.size() > wanted) {
        api.Remove(kPods, "shops", shop.pods.back());
        shop.pods.pop_back();
      }
      while (shop.pods.size() < wanted) {
        const auto pod = name + "-" + std::to_string(shop.made++);
        shop.pods.push_back(pod);
        api.PutObject(kPods, R"({"metadata":{"name":")" + pod + R"(","namespace":"shops",)" +
                                 Owner("ReplicaSet", name + "-rs",
                                       UidIn(api.Get(kReplicaSets, "shops", name + "-rs"))) +
                                 R"(},"status":{"phase":"Pending"}})");
        shop.timers.push_back(executor.After(std::chrono::seconds(3), [this, pod] {
          if (!api.Get(kPods, "shops", pod).empty()) {
            api.Merge(kPods, "shops", pod,
                      R"({"status":{"phase":"Running","conditions":[{"type":"Ready",)"
                      R"("status":"True"}]}})");
          }
        }));
      }
    }
    control_ = executor.After(std::chrono::milliseconds(100), [this] { Control(); });
  }

  std::map<std::string, Shop> shops_;
  std::size_t seen_ = 0;
  std::unique_ptr<common::Timer> control_;
};

}  // namespace simulation

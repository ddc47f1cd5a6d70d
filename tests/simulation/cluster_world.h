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

#include "scaler/fleet/fleet.h"
#include "scaler/kubernetes/leadership/gated_transport.h"
#include "scaler/kubernetes/leadership/succession.h"
#include "scaler/kubernetes/nodes/cluster_nodes.h"
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
inline constexpr const char* kNodes = "/api/v1/nodes";

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

/// What a world is made of.
struct ClusterSetup {
  std::string policies = kClusterShops;
  std::vector<std::string> shops = {"shop-1", "shop-2"};
  int nodes = 0;
};

/// One of several scalers of a cluster, as one process.
struct ClusterScaler {
  using Notices = std::vector<scaler::platform::NodeNotice>;

  /// `notices`: what the agents of nodes say, where there are nodes.
  ClusterScaler(tests::SimulatedExecutor& world, tests::FakeApi& api, const std::string& called,
                std::uint32_t seed, const std::filesystem::path& policies, FakeAgent& fake_agent,
                const Notices* notices = nullptr)
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
        notices_(notices),
        seed_(seed) {
    platform = std::make_unique<scaler::kubernetes::workloads::ClusterPlatform>(executor, client);
    if (notices_ != nullptr) {
      nodes = std::make_unique<scaler::kubernetes::nodes::ClusterNodes>(
          executor, client, scaler::kubernetes::nodes::PlaceholderOptions{},
          [this] { return !succession || succession->Leads(); });
      nodes->Start();
      nodes->WatchPods();
    }
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
    if (nodes) {
      fleet = std::make_unique<scaler::fleet::Fleet>(executor, *nodes, *nodes);
      fleet->SetNotices([this] { return nodes->Notices(*notices_, {}); });
      loop->UseFleet(*fleet);
    }
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
    fleet.reset();
    signals.reset();
    platform.reset();
    nodes.reset();
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
  std::unique_ptr<scaler::kubernetes::nodes::ClusterNodes> nodes;  ///< Null: there are none.
  std::unique_ptr<scaler::ledger::Ledger> ledger;
  std::unique_ptr<scaler::signals::Signals> signals;
  std::unique_ptr<scaler::kubernetes::leadership::Succession> succession;
  std::unique_ptr<scaler::fleet::Fleet> fleet;
  std::unique_ptr<scaler::loop::Loop> loop;
  std::unique_ptr<scaler::loop::PolicyKeeper> keeper;

 private:
  tests::SimulatedExecutor& world_;
  const Notices* notices_;
  std::uint32_t seed_;
};

inline constexpr int kMostScalers = 4;

/// A cluster with shops, who makes their pods, and some scalers, on one virtual clock.
class ClusterWorld {
 public:
  explicit ClusterWorld(int count, const ClusterSetup& setup = {}) {
    for (const auto* const path : {kDeployments, kReplicaSets, "/apis/apps/v1/statefulsets", kPods,
                                   "/apis/autoscaling/v2/horizontalpodautoscalers", kLeases, kMaps,
                                   kNodes, "/apis/policy/v1/poddisruptionbudgets"}) {
      api.Serve(path);
    }
    api.Serve("/apis/trimtab.io/v1alpha1/capacitypolicies",
              {.kind = "CapacityPolicy", .namespaced = false});
    std::filesystem::create_directories(directory.Path() / "policies");
    std::ofstream(directory.Path() / "policies" / "shops.yaml") << setup.policies;
    for (int i = 0; i < setup.nodes; ++i) {
      AddNode("node-" + std::to_string(i), std::string(1, static_cast<char>('a' + i % 3)));
    }
    for (int i = 0; i < kMostScalers; ++i) {
      agents.push_back(std::make_unique<FakeAgent>(executor, 7, FakeAgent::Faults{}));
    }
    for (const auto& shop : setup.shops) {
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
        directory.Path() / "policies", *agents.at(number - 1),
        nodes_.empty() ? nullptr : &notices));
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
    return ReplicasIn(api.Get(kDeployments, "shops", shop));
  }

  /// The node's agent hears that it goes.
  void Notice(const std::string& node, std::chrono::seconds in) {
    notices.push_back(
        {node, scaler::platform::NodeNotice::Kind::kTermination, executor.Monotonic() + in});
  }

  [[nodiscard]] bool IsDrained(const std::string& node) const {
    return api.Get(kNodes, "", node).find("trimtab.io/drain") != std::string::npos;
  }

  /// Pods that are to keep room free.
  [[nodiscard]] int Placeholders() const {
    int replicas = 0;
    for (const auto& name : api.Names(kDeployments)) {
      if (name.starts_with("trimtab/")) {
        replicas += ReplicasIn(api.Get(kDeployments, "trimtab", name.substr(8)));
      }
    }
    return replicas;
  }

  tests::SimulatedExecutor executor{common::WallTime(std::chrono::seconds(1'790'000'000))};
  tests::FakeApi api{executor};
  tests::ScratchDirectory directory;
  /// One agent, as each scaler hears it.
  std::vector<std::unique_ptr<FakeAgent>> agents;
  std::vector<std::unique_ptr<ClusterScaler>> scalers;
  ClusterScaler::Notices notices;  ///< As every scaler hears them.
  int writes = 0;

 private:
  struct Shop {
    std::vector<std::string> pods;
    int made = 0;
    std::vector<std::unique_ptr<common::Timer>> timers;
  };

  static int ReplicasIn(const std::string& json) {
    const std::string key = "\"replicas\":";
    const auto at = json.find(key);
    int replicas = 0;
    if (at != std::string::npos) {
      std::from_chars(json.data() + at + key.size(), json.data() + json.size(), replicas);
    }
    return replicas;
  }

  static std::string UidIn(const std::string& json) {
    const std::string key = "\"uid\":\"";
    const auto from = json.find(key) + key.size();
    return json.substr(from, json.find('"', from) - from);
  }

  void AddNode(const std::string& name, const std::string& zone) {
    nodes_.push_back(name);
    api.PutObject(kNodes,
                  R"({"metadata":{"name":")" + name +
                      R"(","labels":{"topology.kubernetes.io/zone":")" + zone +
                      R"("}},"status":{"allocatable":{"cpu":"4","memory":"16Gi","pods":"20"},)"
                      R"("conditions":[{"type":"Ready","status":"True"}]}})");
  }

  void AddShop(const std::string& name) {
    api.PutObject(
        kDeployments,
        R"({"metadata":{"name":")" + name +
            R"(","namespace":"shops","labels":{"app.kubernetes.io/part-of":"shop","plan":")" +
            name.substr(0, name.find('-')) +
            R"("}},)"
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

  /// On each node that takes pods in turn, where there are nodes.
  [[nodiscard]] std::string SpecOfPod() {
    if (nodes_.empty()) {
      return "";
    }
    const auto takes_pods = [&](const auto& node) {
      return api.Get(kNodes, "", node).find("\"unschedulable\":true") == std::string::npos;
    };
    do {
      std::rotate(nodes_.begin(), nodes_.begin() + 1, nodes_.end());
    } while (!takes_pods(nodes_.front()));
    return R"(,"spec":{"nodeName":")" + nodes_.front() +
           R"(","containers":[{"name":"c","resources":{"requests":{"cpu":"100m"}}}]})";
  }

  /// What the controllers and the kubelets of a cluster do.
  void Control() {
    for (auto& [name, shop] : shops_) {
      std::erase_if(shop.pods,
                    [&](const auto& pod) { return api.Get(kPods, "shops", pod).empty(); });
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
                                 "}" + SpecOfPod() + R"(,"status":{"phase":"Pending"}})");
        shop.timers.push_back(executor.After(std::chrono::seconds(3), [this, pod] {
          if (!api.Get(kPods, "shops", pod).empty()) {
            api.Merge(kPods, "shops", pod,
                      R"({"status":{"phase":"Running","conditions":[{"type":"Ready",)"
                      R"("status":"True","lastTransitionTime":")" +
                          common::FormatRfc3339(executor.Wall()) + R"("}]}})");
          }
        }));
      }
    }
    control_ = executor.After(std::chrono::milliseconds(100), [this] { Control(); });
  }

  std::vector<std::string> nodes_;
  std::map<std::string, Shop> shops_;
  std::size_t seen_ = 0;
  std::unique_ptr<common::Timer> control_;
};

}  // namespace simulation

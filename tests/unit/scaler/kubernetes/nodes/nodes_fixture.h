#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/kubernetes/access.h"
#include "common/kubernetes/client.h"
#include "common/rfc3339.h"
#include "scaler/fleet/fleet.h"
#include "scaler/kubernetes/nodes/cluster_nodes.h"
#include "support/fake_api/fake_api.h"
#include "support/simulated_executor.h"

namespace scaler::kubernetes::nodes {

inline constexpr const char* kNodesPath = "/api/v1/nodes";
inline constexpr const char* kPodsPath = "/api/v1/pods";
inline constexpr const char* kDeploymentsPath = "/apis/apps/v1/deployments";
inline constexpr const char* kPoliciesPath = "/apis/trimtab.io/v1alpha1/capacitypolicies";
inline constexpr const char* kBudgetsPath = "/apis/policy/v1/poddisruptionbudgets";

/// A cluster with the nodes' part of a scaler, in virtual time.
class NodesFixture : public testing::Test {
 protected:
  NodesFixture() {
    for (const auto* path : {kNodesPath, kPodsPath, kDeploymentsPath, kBudgetsPath}) {
      api_.Serve(path);
    }
    api_.Serve(kPoliciesPath, {.kind = "CapacityPolicy", .namespaced = false});
    policy_.name = "production";
    policy_.spare.by = engine::capacity::Spare::By::kPlaceholderPods;
  }

  void PutNode(const std::string& name, const std::string& zone = "a",
               const std::string& spec = "{}") {
    api_.PutObject(kNodesPath,
                   R"({"metadata":{"name":")" + name +
                       R"(","labels":{"topology.kubernetes.io/zone":")" + zone + R"("}},"spec":)" +
                       spec +
                       R"(,"status":{"allocatable":{"cpu":"4","memory":"16Gi","pods":"20"},)"
                       R"("conditions":[{"type":"Ready","status":"True"}]}})");
  }

  struct Pod {
    std::string node;
    int priority = 0;
    int grace = 30;
    std::string owner = "ReplicaSet";
    bool lingers = false;  ///< It takes its time to end: until End is called.
    int started_in = 1;
  };

  void PutPod(const std::string& name, const Pod& pod) {
    const auto app = name.substr(0, name.find('-'));
    api_.PutObject(
        kPodsPath,
        R"({"metadata":{"namespace":"shops","name":")" + name + R"(","labels":{"app":")" + app +
            R"("},"ownerReferences":[{"apiVersion":"apps/v1","kind":")" + pod.owner +
            R"(","name":")" + app + R"(","uid":"o","controller":true}])" +
            (pod.lingers ? R"(,"finalizers":["tests/lingers"])" : "") +
            R"(},"spec":{"nodeName":")" + pod.node + R"(","priority":)" +
            std::to_string(pod.priority) + R"(,"terminationGracePeriodSeconds":)" +
            std::to_string(pod.grace) +
            R"(,"containers":[{"name":"c","resources":{"requests":{"cpu":"500m"}}}]},)"
            R"("status":{"phase":"Running","conditions":[)"
            R"({"type":"PodScheduled","status":"True","lastTransitionTime":")" +
            common::FormatRfc3339(common::WallTime(std::chrono::hours(1))) +
            R"("},{"type":"Ready","status":"True","lastTransitionTime":")" +
            common::FormatRfc3339(
                common::WallTime(std::chrono::hours(1) + std::chrono::seconds(pod.started_in))) +
            R"("}]}})");
  }

  void End(const std::string& pod) { api_.Remove(kPodsPath, "shops", pod); }

  /// A life of the scaler begins.
  void Start() {
    nodes_ = std::make_unique<ClusterNodes>(executor_, client_, PlaceholderOptions{},
                                            [this] { return leads_; });
    fleet_ = std::make_unique<fleet::Fleet>(executor_, *nodes_, *nodes_);
    fleet_->SetPolicy(
        has_policy_ ? std::make_shared<const engine::capacity::CapacityPolicy>(policy_) : nullptr);
    fleet_->SetNotices([this] { return nodes_->Notices(notices_, heard_); });
    fleet_->Start(memory_, [] {});
    nodes_->Start();
    nodes_->WatchPods();
  }
  void Stop() {
    fleet_.reset();
    nodes_.reset();
  }

  void Notice(const std::string& node, std::chrono::seconds in) {
    platform::NodeNotice notice;
    notice.node = node;
    notice.deadline = executor_.Monotonic() + in;
    notices_.push_back(notice);
    heard_.insert(node);
  }

  /// Cycles of the loop.
  void RunFor(std::chrono::milliseconds duration) {
    const auto end = executor_.Monotonic() + duration;
    while (executor_.Monotonic() < end) {
      executor_.RunFor(std::chrono::milliseconds(100));
      if (!fleet_) {
        continue;
      }
      const signals::TimeMap time{
          engine::Time(std::chrono::duration_cast<engine::Duration>(
              executor_.Monotonic().time_since_epoch() + std::chrono::hours(24 * 365 * 50))),
          executor_.Monotonic()};
      ledger::Batch batch;
      fleet_->Decide({}, false, time, frozen_, batch);
      if (batch.capacity_memory) {
        memory_ = batch.capacity_memory;
      }
      fleet_->Act();
    }
  }

  [[nodiscard]] std::vector<std::string> Evicted() const {
    std::vector<std::string> names;
    for (const auto& seen : api_.Requests()) {
      const std::string begin = "/api/v1/namespaces/shops/pods/";
      if (seen.method == "POST" && seen.target.starts_with(begin)) {
        names.push_back(seen.target.substr(begin.size(), seen.target.rfind('/') - begin.size()));
      }
    }
    return names;
  }
  [[nodiscard]] std::string Node(const std::string& name) const {
    return api_.Get(kNodesPath, "", name);
  }
  [[nodiscard]] fleet::FleetCounters Counters() { return fleet_->Status()->counters; }

  tests::SimulatedExecutor executor_{common::WallTime(std::chrono::hours(24))};
  tests::FakeApi api_{executor_};
  common::kubernetes::Access access_;
  std::unique_ptr<common::kubernetes::TokenSource> tokens_ =
      common::kubernetes::MakeTokenSource(executor_, access_);
  common::kubernetes::Client client_{executor_, api_, *tokens_};
  engine::capacity::CapacityPolicy policy_;
  bool has_policy_ = true;
  bool leads_ = true;
  std::vector<platform::NodeNotice> notices_;
  std::set<std::string> heard_;
  std::string frozen_;
  std::optional<codec::CapacityMemory> memory_;  ///< What the ledger has.
  std::unique_ptr<ClusterNodes> nodes_;
  std::unique_ptr<fleet::Fleet> fleet_;
};

}  // namespace scaler::kubernetes::nodes

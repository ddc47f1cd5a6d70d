#include "scaler/kubernetes/workloads/cluster_platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/scaler/kubernetes/workloads/world.h"

namespace scaler::kubernetes::workloads {
namespace {

using platform::Phase;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ClusterPlatformTest : public testing::Test, protected tests::ClusterWorld {
 protected:
  ClusterPlatformTest() {
    PutDeployment("shop-1", 2, R"({"plan":"small"})");
    PutReplicaSet("shop-1", "aaa");
    PutPod("shop-1-aaa-1", "shop-1-aaa");
    PutPod("shop-1-aaa-2", "shop-1-aaa");
  }

  /// Names and phases of the replicas.
  std::vector<std::pair<std::string, Phase>> Replicas(const std::string& name = "shop-1") {
    std::vector<std::pair<std::string, Phase>> all;
    for (const auto& replica : Find(name)->replicas) {
      all.emplace_back(replica.id, replica.phase);
    }
    return all;
  }
};

TEST_F(ClusterPlatformTest, ListsADeploymentWithThePodsOfItsReplicaSets) {
  RunFor(seconds(60));
  Start();
  EXPECT_EQ(synced, 1);
  EXPECT_THAT(platform.Problems(), IsEmpty());
  const auto shop = Find("shop-1");
  ASSERT_TRUE(shop);
  EXPECT_EQ(shop->kind, "Deployment");
  EXPECT_EQ(shop->desired, 2);
  EXPECT_EQ(shop->labels.at("plan"), "small");
  EXPECT_DOUBLE_EQ(*shop->cpu_request_cores, 1);
  EXPECT_DOUBLE_EQ(*shop->memory_request_bytes, 128 << 20);
  EXPECT_DOUBLE_EQ(*shop->memory_limit_bytes, 256 << 20);
  EXPECT_THAT(Replicas(), ElementsAre(std::pair("shop-1-aaa-1", Phase::kReady),
                                      std::pair("shop-1-aaa-2", Phase::kReady)));
  EXPECT_EQ(shop->replicas[0].revision, "aaa");
  EXPECT_EQ(shop->replicas[0].address, "10.0.0.7");
  EXPECT_EQ(shop->replicas[0].created, executor.Monotonic() - seconds(61));
}

TEST_F(ClusterPlatformTest, APodThatOnlyLooksAlikeIsNoReplica) {
  PutDeployment("other", 1, R"({"plan":"small"})");
  PutReplicaSet("other", "aaa");
  PutPod("stranger", "other-aaa");
  api.PutObject(kPods,
                R"({"metadata":{"name":"alone","namespace":"shops",
                    "labels":{"pod-template-hash":"aaa"}}})");
  Start();
  EXPECT_THAT(Replicas(), SizeIs(2));
  EXPECT_THAT(Replicas("other"), SizeIs(1));
}

TEST_F(ClusterPlatformTest, ARolloutHasPodsOfTwoRevisions) {
  Start();
  PutReplicaSet("shop-1", "bbb");
  PutPod("shop-1-bbb-1", "shop-1-bbb", R"({"phase":"Pending"})");
  RunFor(milliseconds(10));
  const auto shop = Find("shop-1");
  ASSERT_THAT(shop->replicas, SizeIs(3));
  EXPECT_EQ(shop->replicas[2].revision, "bbb");
  EXPECT_TRUE(shop->replicas[2].pending);
  EXPECT_EQ(shop->replicas[2].phase, Phase::kStarting);
}

TEST_F(ClusterPlatformTest, SharesWhatHasNotChanged) {
  PutDeployment("shop-2", 1);
  Start();
  const auto before = Find("shop-1");
  const auto other_before = Find("shop-2");
  const int told = changes;
  RunFor(seconds(30));
  EXPECT_EQ(changes, told);
  // What nobody reads changes nothing.
  api.Merge(kDeployments, "shops", "shop-1", R"({"status":{"observedGeneration":7}})");
  RunFor(milliseconds(10));
  EXPECT_EQ(Find("shop-1"), before);
  EXPECT_EQ(changes, told);
  PutPod("shop-1-aaa-3", "shop-1-aaa");
  RunFor(milliseconds(10));
  EXPECT_NE(Find("shop-1"), before);
  EXPECT_EQ(Find("shop-2"), other_before);
  EXPECT_EQ(changes, told + 1);
}

TEST_F(ClusterPlatformTest, TellsWhyReplicasWait) {
  PutPod("shop-1-aaa-3", "shop-1-aaa",
         R"({"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False",
             "reason":"Unschedulable","message":"0/3 nodes are available: 3 Insufficient cpu."}]})");
  Start();
  EXPECT_EQ(Find("shop-1")->problem,
            "1 replicas wait: 0/3 nodes are available: 3 Insufficient cpu.");
  api.Merge(kDeployments, "shops", "shop-1",
            R"({"status":{"conditions":[{"type":"ReplicaFailure","status":"True",
                "message":"exceeded quota: pods"}]}})");
  RunFor(milliseconds(10));
  EXPECT_EQ(Find("shop-1")->problem, "replicas cannot be made: exceeded quota: pods");
}

TEST_F(ClusterPlatformTest, ADeploymentMadeAgainIsAnother) {
  Start();
  api.Remove(kDeployments, "shops", "shop-1");
  RunFor(milliseconds(10));
  EXPECT_FALSE(Find("shop-1"));
  PutDeployment("shop-1", 5);
  RunFor(milliseconds(10));
  EXPECT_EQ(Find("shop-1")->desired, 5);
  EXPECT_THAT(Replicas(), IsEmpty());
}

TEST_F(ClusterPlatformTest, OneThatIsBeingDeletedIsGone) {
  Start();
  api.Merge(kDeployments, "shops", "shop-1",
            R"({"metadata":{"deletionTimestamp":"1970-01-02T00:00:00Z"}})");
  RunFor(milliseconds(10));
  EXPECT_FALSE(Find("shop-1"));
}

TEST_F(ClusterPlatformTest, WhatOthersSetIsSeen) {
  Start();
  api.Merge(kDeployments, "shops", "shop-1", R"({"spec":{"replicas":7}})");
  RunFor(milliseconds(10));
  EXPECT_EQ(Find("shop-1")->desired, 7);
}

TEST_F(ClusterPlatformTest, NamesTheKindWhereSeveralHaveOneName) {
  api.PutObject(kStatefulSets, R"({"metadata":{"name":"shop-1","namespace":"shops"},"spec":{}})");
  api.PutObject(kReplicaSets, R"({"metadata":{"name":"free","namespace":"shops"},
                                  "spec":{"replicas":3}})");
  Start();
  EXPECT_EQ(Find("shop-1")->kind, "Deployment");
  ASSERT_TRUE(Find("statefulset/shop-1"));
  EXPECT_EQ(Find("statefulset/shop-1")->desired, 1);
  EXPECT_EQ(Find("free")->kind, "ReplicaSet");
  EXPECT_FALSE(Find("shop-1-aaa"));
  api.Remove(kDeployments, "shops", "shop-1");
  RunFor(milliseconds(10));
  EXPECT_EQ(Find("shop-1")->kind, "StatefulSet");
  EXPECT_FALSE(Find("statefulset/shop-1"));
}

TEST_F(ClusterPlatformTest, SaysWhoElseScalesIt) {
  PutAutoscaler("by-cpu", "shop-1");
  Start();
  EXPECT_EQ(Find("shop-1")->owned_by, "HorizontalPodAutoscaler shops/by-cpu");
  api.Remove(kAutoscalers, "shops", "by-cpu");
  RunFor(milliseconds(10));
  EXPECT_EQ(Find("shop-1")->owned_by, "");
  const int told = changes;
  PutAutoscaler("again", "shop-1");
  RunFor(milliseconds(1));
  EXPECT_GT(changes, told);
  EXPECT_EQ(Find("shop-1")->owned_by, "HorizontalPodAutoscaler shops/again");
}

TEST_F(ClusterPlatformTest, PlaceholdersAreScaledByTheirCapacityPolicyAlone) {
  api.PutObject(kDeployments, R"({"metadata":{"namespace":"trimtab","name":"trimtab-placeholder-x",
      "labels":{"app.kubernetes.io/name":"trimtab-placeholder",
                "app.kubernetes.io/managed-by":"trimtab-scaler"}},"spec":{"replicas":2}})");
  api.PutObject(kDeployments, R"({"metadata":{"namespace":"trimtab","name":"trimtab-scaler",
      "labels":{"app.kubernetes.io/name":"trimtab-scaler"}},"spec":{"replicas":2}})");
  Start();
  const auto of = [&](const char* name) {
    for (const auto& workload : platform.List()) {
      if (workload->id.name == name) {
        return workload->owned_by;
      }
    }
    return std::string("none");
  };
  EXPECT_EQ(of("trimtab-placeholder-x"), "a CapacityPolicy (these are its placeholder pods)");
  EXPECT_EQ(of("trimtab-scaler"), "");
}

constexpr const char* kScaledObjects = "/apis/keda.sh/v1alpha1/scaledobjects";
constexpr const char* kKedaResources =
    R"({"kind":"APIResourceList","resources":[{"name":"scaledobjects","kind":"ScaledObject"},
        {"name":"scaledobjects/status","kind":"ScaledObject"}]})";

TEST_F(ClusterPlatformTest, SeesScaledObjectsWhereKedaIsInstalled) {
  api.Serve(kScaledObjects);
  api.Put(kScaledObjects, "shops", "by-queue", R"({"scaleTargetRef":{"name":"shop-1"}})");
  PutAutoscaler("keda-hpa-by-queue", "shop-1");
  api.FailNext("GET", "/apis/keda.sh/v1alpha1", {.status = 200, .body = kKedaResources});
  Start();
  EXPECT_EQ(synced, 1);
  EXPECT_EQ(Find("shop-1")->owned_by, "ScaledObject shops/by-queue");
}

TEST_F(ClusterPlatformTest, SeesThatKedaIsInstalledLater) {
  Start();
  EXPECT_EQ(synced, 1);
  EXPECT_EQ(api.Count("GET", "/apis/keda.sh"), 1);
  api.Serve(kScaledObjects);
  api.Put(kScaledObjects, "shops", "by-queue", R"({"scaleTargetRef":{"name":"shop-1"}})");
  api.FailNext("GET", "/apis/keda.sh/v1alpha1", {.status = 200, .body = kKedaResources});
  RunFor(seconds(61));
  EXPECT_EQ(Find("shop-1")->owned_by, "ScaledObject shops/by-queue");
  RunFor(std::chrono::minutes(10));
  EXPECT_EQ(api.Count("GET", "resourceVersion=0"), 6) << "nothing is listed twice";
}

TEST_F(ClusterPlatformTest, ScalesOtherKindsThatHaveAScaleSubresource) {
  constexpr const char* kRollouts = "/apis/argoproj.io/v1alpha1/rollouts";
  api.Serve(kRollouts, {.kind = "Rollout", .has_scale = true});
  api.Put(kRollouts, "shops", "canary", R"({"replicas":3})");
  api.PutObject(
      kReplicaSets,
      R"({"metadata":{"name":"canary-aaa","namespace":"shops","ownerReferences":[{"uid":")" +
          UidOf(kRollouts, "canary") + R"(","controller":true}]}})");
  PutPod("canary-aaa-1", "canary-aaa");
  api.FailNext("GET", "/apis/argoproj.io/v1alpha1",
               {.status = 200, .body = R"({"resources":[{"name":"rollouts","kind":"Rollout"},
                            {"name":"rollouts/scale","kind":"Scale"}]})"});
  ClusterPlatform with_rollouts(executor, client, {{"argoproj.io/v1alpha1", "Rollout"}});
  with_rollouts.Start([] {});
  RunFor(seconds(1));
  const auto all = with_rollouts.List();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0]->id.name, "canary");
  EXPECT_EQ(all[0]->kind, "Rollout");
  EXPECT_EQ(all[0]->desired, 3);
  EXPECT_THAT(all[0]->replicas, SizeIs(1));
  bool taken = false;
  with_rollouts.Scale({"shops", "canary"}, 5,
                      [&](const common::Result<void>& result) { taken = result.has_value(); });
  RunFor(seconds(1));
  EXPECT_TRUE(taken);
  EXPECT_THAT(api.Get(kRollouts, "shops", "canary"), HasSubstr(R"("replicas":5)"));
}

TEST_F(ClusterPlatformTest, IsNotSyncedBeforeItKnowsWhetherThereIsKeda) {
  for (int i = 0; i < 2; ++i) {
    api.FailNext("GET", "/apis/keda.sh", {.status = 500});
  }
  Start();
  EXPECT_EQ(synced, 0);
  EXPECT_THAT(platform.Problems(), ElementsAre(HasSubstr("keda.sh")));
  RunFor(seconds(11));
  EXPECT_EQ(synced, 1);
}

TEST_F(ClusterPlatformTest, IsNotSyncedBeforeItKnowsWhoElseScales) {
  api.FailAll("GET", kAutoscalers, {.status = 403});
  Start();
  EXPECT_EQ(synced, 0);
  EXPECT_THAT(platform.Problems(), ElementsAre(HasSubstr("horizontalpodautoscalers")));
  api.Relent();
  RunFor(seconds(60));
  EXPECT_EQ(synced, 1);
  EXPECT_THAT(platform.Problems(), IsEmpty());
}

TEST_F(ClusterPlatformTest, StrangeObjectsStopNothing) {
  api.PutObject(kDeployments, R"({"metadata":{"name":"odd","namespace":"shops","labels":[1]},
      "spec":{"replicas":"three","template":{"spec":{"containers":{"a":1}}}},"status":7})");
  api.PutObject(kPods, R"({"metadata":{"name":"odd-1","namespace":"shops","ownerReferences":{"a":1},
      "creationTimestamp":5},"status":{"conditions":"none","containerStatuses":[7]}})");
  api.PutObject(kAutoscalers, R"({"metadata":{"name":"odd","namespace":"shops"},"spec":[]})");
  Start();
  EXPECT_EQ(synced, 1);
  EXPECT_EQ(Find("odd")->desired, 1);
  EXPECT_THAT(Replicas(), SizeIs(2));
}

TEST_F(ClusterPlatformTest, AfterAGapItKnowsWhatIsThere) {
  Start();
  api.CutWatches(true);
  api.Remove(kPods, "shops", "shop-1-aaa-1");
  PutPod("shop-1-aaa-3", "shop-1-aaa");
  PutDeployment("shop-2", 4);
  api.Compact();
  RunFor(seconds(60));
  EXPECT_EQ(Replicas().front().first, "shop-1-aaa-2");
  EXPECT_THAT(Replicas(), SizeIs(2));
  EXPECT_EQ(Find("shop-2")->desired, 4);
  EXPECT_EQ(synced, 1);
}

TEST_F(ClusterPlatformTest, AsksForNothingWhileNothingChanges) {
  Start();
  const auto before = api.Requests().size();
  // Servers say once a minute that nothing has happened; no watch is renewed within five.
  for (int minute = 0; minute < 4; ++minute) {
    RunFor(seconds(60));
    api.SendBookmarks();
  }
  for (auto seen = api.Requests().begin() + static_cast<std::ptrdiff_t>(before);
       seen != api.Requests().end(); ++seen) {
    // Somebody may install KEDA at any time.
    EXPECT_EQ(seen->method + " " + seen->target, "GET /apis/keda.sh/v1alpha1");
  }
  EXPECT_LE(api.Requests().size(), before + 4);

  PutPod("shop-1-aaa-1", "shop-1-aaa", R"({"phase":"Failed"})");
  RunFor(seconds(1));
  EXPECT_THAT(Replicas(), SizeIs(1));
  EXPECT_LE(api.Requests().size(), before + 5) << "the watch tells it";
}

}  // namespace
}  // namespace scaler::kubernetes::workloads

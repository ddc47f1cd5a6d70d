#include "scaler/kubernetes/agents/node_losses.h"

#include <gmock/gmock.h>

#include "unit/scaler/kubernetes/agents/cluster_of_pods.h"

namespace scaler::kubernetes::agents {
namespace {

using std::chrono::seconds;
using ::testing::IsEmpty;

constexpr const char* kRunning = R"("phase":"Running")";
constexpr const char* kCollected = R"("phase":"Failed","conditions":[
    {"type":"Ready","status":"False"},
    {"type":"DisruptionTarget","status":"True","reason":"DeletionByPodGC"}])";
constexpr const char* kOfWeb = R"(,"labels":{"pod-template-hash":"5d9f"},"ownerReferences":[
    {"kind":"ReplicaSet","name":"web-5d9f","controller":true}])";

class NodeLossWatchTest : public tests::ClusterOfPods {
 protected:
  void Start() {
    watch_ = std::make_unique<NodeLossWatch>(executor_, client_, board_);
    watch_->Start();
    executor_.RunFor(seconds(1));
  }

  NodeLossBoard board_;
  std::unique_ptr<NodeLossWatch> watch_;
};

TEST_F(NodeLossWatchTest, ANodeThatGoesIsCountedByWorkload) {
  for (const auto* name : {"web-5d9f-a", "web-5d9f-b"}) {
    PutPod("shops", name, "node-1", kRunning, kOfWeb);
  }
  Start();
  EXPECT_THAT(board_.Get(), IsEmpty());
  for (const auto* name : {"web-5d9f-a", "web-5d9f-b"}) {
    PutPod("shops", name, "node-1", kCollected, kOfWeb);
    PutPod("shops", name, "node-1", kCollected, kOfWeb);
    api_.Remove(kPods, "shops", name);
  }
  executor_.RunFor(seconds(1));
  EXPECT_EQ(board_.Get(), (NodeLosses{{{"shops", "web"}, 2}}));
}

TEST_F(NodeLossWatchTest, OtherFailuresAreNone) {
  Start();
  PutPod("shops", "a", "node-1", R"("phase":"Failed","reason":"Evicted")");
  PutPod("shops", "b", "node-1", R"("phase":"Failed","conditions":[
      {"type":"DisruptionTarget","status":"True","reason":"PreemptionByScheduler"}])");
  PutPod("shops", "c", "node-1", R"("phase":"Failed","conditions":[
      {"type":"DisruptionTarget","status":"False","reason":"DeletionByPodGC"}])");
  executor_.RunFor(seconds(1));
  EXPECT_THAT(board_.Get(), IsEmpty());
}

TEST_F(NodeLossWatchTest, WhatWasLostBeforeIsNotCountedAndNothingIsTwiceAfterAGap) {
  PutPod("shops", "old", "node-1", kCollected);
  Start();
  PutPod("shops", "web-0", "node-1", R"("phase":"Failed","reason":"NodeLost")");
  executor_.RunFor(seconds(1));
  api_.CutWatches(true);
  PutPod("shops", "web-1", "node-1", kCollected);
  api_.Compact();
  executor_.RunFor(seconds(60));
  EXPECT_EQ(board_.Get(), (NodeLosses{{{"shops", "web-0"}, 1}, {{"shops", "web-1"}, 1}}));
  EXPECT_EQ(watch_->Problem(), "");
}

TEST_F(NodeLossWatchTest, AnotherPodOfTheSameNameIsAnotherLoss) {
  Start();
  for (int i = 0; i < 3; ++i) {
    PutPod("shops", "db-0", "node-1", kCollected,
           R"(,"ownerReferences":[{"kind":"StatefulSet","name":"db","controller":true}])");
    executor_.RunFor(seconds(1));
    api_.Remove(kPods, "shops", "db-0");
  }
  EXPECT_EQ(board_.Get(), (NodeLosses{{{"shops", "db"}, 3}}));
}

}  // namespace
}  // namespace scaler::kubernetes::agents

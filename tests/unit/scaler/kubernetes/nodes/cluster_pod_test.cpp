#include "scaler/kubernetes/nodes/cluster_pod.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scaler::kubernetes::nodes {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr double kMiB = 1024.0 * 1024;

TEST(ReadPod, ReadsWhatIsUsed) {
  const auto pod = ReadPod(R"({
    "metadata": {"name": "shop-6f5-x", "namespace": "shops", "uid": "u",
      "labels": {"pod-template-hash": "6f5"},
      "ownerReferences": [{"kind": "Other", "name": "o"},
                          {"kind": "ReplicaSet", "name": "shop-6f5", "controller": true}]},
    "spec": {"nodeName": "n1", "priority": 1000, "terminationGracePeriodSeconds": 90,
      "initContainers": [
        {"resources": {"requests": {"cpu": "2", "memory": "10Mi"}}},
        {"restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}}],
      "containers": [{"resources": {"requests": {"cpu": "500m", "memory": "64Mi"}}},
                     {"resources": {"requests": {"cpu": "250m", "memory": "64Mi"}}}, {}],
      "overhead": {"memory": "8Mi"},
      "tolerations": [{"key": "team", "operator": "Equal", "value": "data"},
        {"key": "gpu", "operator": "Exists"},
        {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300}]},
    "status": {"phase": "Running", "conditions": [
      {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"},
      {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:42Z"}]}})");
  EXPECT_EQ(pod.workload, (platform::WorkloadId{"shops", "shop"}));
  EXPECT_EQ(pod.node, "n1");
  EXPECT_DOUBLE_EQ(pod.cpu_cores, 2) << "the first container to run asks for most";
  EXPECT_DOUBLE_EQ(pod.memory_bytes, 136 * kMiB);
  EXPECT_EQ(pod.priority, 1000);
  EXPECT_EQ(pod.grace, seconds(90));
  EXPECT_EQ(pod.started_in, seconds(42));
  EXPECT_THAT(pod.tolerations, ElementsAre("gpu", "team=data"));
  EXPECT_TRUE(pod.controlled);
  EXPECT_FALSE(pod.over || pod.leaving || pod.placeholder || Stays(pod));
}

TEST(ReadPod, KnowsWhoStaysWithItsNode) {
  EXPECT_TRUE(Stays(ReadPod(
      R"({"metadata":{"ownerReferences":[{"kind":"DaemonSet","name":"d","controller":true}]}})")));
  EXPECT_TRUE(
      Stays(ReadPod(R"({"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"}}})")));
}

TEST(ReadPod, KnowsOurPlaceholders) {
  EXPECT_TRUE(ReadPod(R"({"metadata":{"labels":{"app.kubernetes.io/name":"trimtab-placeholder"}}})")
                  .placeholder);
}

TEST(ReadPod, SaysWhyItWaits) {
  const auto pod = ReadPod(R"({"metadata":{"name":"alone","namespace":"shops"},"status":{
    "phase":"Pending","conditions":[{"type":"PodScheduled","status":"False",
    "message":"0/3 nodes are available: 3 Insufficient cpu."}]}})");
  EXPECT_EQ(pod.pending, "0/3 nodes are available: 3 Insufficient cpu.");
  EXPECT_EQ(pod.workload.name, "alone");
  EXPECT_FALSE(pod.controlled);
}

TEST(ReadPod, SurvivesStrangeShapes) {
  for (
      const auto* json :
      {"", "null", "7", R"({"metadata":[],"spec":1,"status":null})",
       R"({"metadata":{"labels":"x","ownerReferences":{"kind":1}},"spec":{"containers":[1,{"resources":[]},{"resources":{"requests":{"cpu":[1]}}}],"tolerations":[3,{"key":1}],"priority":"high","terminationGracePeriodSeconds":-4,"nodeName":{}},"status":{"phase":1,"conditions":[{"type":"Ready","status":true,"lastTransitionTime":"then"}]}})",
       R"({"metadata":{"name":"p)"}) {
    const auto pod = ReadPod(json);
    EXPECT_TRUE(pod.node.empty()) << json;
    EXPECT_EQ(pod.cpu_cores, 0) << json;
    EXPECT_GE(pod.grace, seconds(0)) << json;
    EXPECT_FALSE(pod.started_in) << json;
  }
}

}  // namespace
}  // namespace scaler::kubernetes::nodes

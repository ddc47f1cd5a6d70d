#include "scaler/kubernetes/nodes/cluster_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/kubernetes/nodes/drain_mark.h"

namespace scaler::kubernetes::nodes {
namespace {

using engine::capacity::CapacityType;

constexpr const char* kNode = R"({
  "metadata": {"name": "n1", "uid": "u1", "resourceVersion": "7",
    "creationTimestamp": "1970-01-01T00:01:40Z",
    "labels": {"topology.kubernetes.io/zone": "eu-1a",
               "node.kubernetes.io/instance-type": "m5.large",
               "eks.amazonaws.com/capacityType": "SPOT"}},
  "spec": {"taints": [{"key": "team", "value": "data", "effect": "NoSchedule"},
                      {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute",
                       "timeAdded": "1970-01-01T00:02:00Z"}]},
  "status": {"allocatable": {"cpu": "1930m", "memory": "7Gi", "pods": "29"},
             "conditions": [{"type": "MemoryPressure", "status": "False"},
                            {"type": "Ready", "status": "True"}]}})";

TEST(ReadNode, ReadsWhatIsUsed) {
  const auto node = ReadNode(kNode);
  EXPECT_EQ(node.name, "n1");
  EXPECT_EQ(node.zone, "eu-1a");
  EXPECT_EQ(node.type, CapacityType::kSpot);
  EXPECT_EQ(node.instance_type, "m5.large");
  EXPECT_DOUBLE_EQ(node.cpu_cores, 1.93);
  EXPECT_DOUBLE_EQ(node.memory_bytes, 7.0 * (1U << 30U));
  EXPECT_EQ(node.pods, 29);
  EXPECT_EQ(node.created, common::WallTime(std::chrono::seconds(100)));
  EXPECT_TRUE(node.ready);
  EXPECT_FALSE(node.unschedulable);
  ASSERT_EQ(node.taints.size(), 2U);
  EXPECT_TRUE(IsOfItsKind(node.taints[0]));
  EXPECT_FALSE(IsOfItsKind(node.taints[1]));
}

TEST(ReadNode, KnowsSpotByWhoeverMakesIt) {
  for (const auto* label :
       {R"("karpenter.sh/capacity-type":"spot")", R"("cloud.google.com/gke-spot":"true")",
        R"("kubernetes.azure.com/scalesetpriority":"spot")"}) {
    EXPECT_EQ(ReadNode(std::string(R"({"metadata":{"name":"n","labels":{)") + label + "}}}").type,
              CapacityType::kSpot)
        << label;
  }
  EXPECT_EQ(ReadNode(R"({"metadata":{"labels":{"karpenter.sh/capacity-type":"on-demand"}}})").type,
            CapacityType::kOnDemand);
}

TEST(ReadNode, SurvivesStrangeShapes) {
  for (
      const auto* json :
      {"", "null", "[]", R"({"metadata":3,"spec":[],"status":"x"})",
       R"({"metadata":{"name":5,"labels":[1]},"spec":{"taints":{"key":1},"unschedulable":"yes"}})",
       R"({"spec":{"taints":[1,"x",{"key":{}},{"value":"v"}]},"status":{"allocatable":{"cpu":4,"memory":"much","pods":"-1"},"conditions":[{"type":1}]}})",
       R"({"metadata":{"name":"n")"}) {
    const auto node = ReadNode(json);
    EXPECT_FALSE(node.ready) << json;
    EXPECT_TRUE(node.taints.empty()) << json;
    EXPECT_GE(node.pods, 0) << json;
  }
}

TEST(DrainMark, StandsOnTheNodeBesideWhatOthersWrote) {
  auto node = ReadNode(kNode);
  const DrainMark mark{"notice", common::WallTime(std::chrono::seconds(200)),
                       common::WallTime(std::chrono::milliseconds(320'500))};
  EXPECT_EQ(
      MarkPatch(node, mark),
      R"({"metadata":{"resourceVersion":"7","uid":"u1","annotations":{)"
      R"("trimtab.io/drain-since":"1970-01-01T00:03:20.000Z",)"
      R"("trimtab.io/drain-deadline":"1970-01-01T00:05:20.500Z","trimtab.io/cordoned":"true"}},)"
      R"("spec":{"unschedulable":true,"taints":[)"
      R"({"key": "team", "value": "data", "effect": "NoSchedule"},)"
      R"({"key": "node.kubernetes.io/unreachable", "effect": "NoExecute",
                       "timeAdded": "1970-01-01T00:02:00Z"},)"
      R"({"key":"trimtab.io/drain","value":"notice","effect":"NoSchedule"}]}})");
  node.taints.push_back({"trimtab.io/drain", "notice", "NoSchedule", "{}"});
  node.drain_since = "1970-01-01T00:03:20.000Z";
  node.drain_deadline = "1970-01-01T00:05:20.500Z";
  EXPECT_EQ(MarkOf(node, {}), mark);
}

TEST(DrainMark, TakesBackNobodyElsesCordon) {
  auto node = ReadNode(R"({"metadata":{"name":"n","resourceVersion":"7"},"spec":{
      "unschedulable":true,"taints":[{"key":"trimtab.io/drain","value":"notice","effect":"NoSchedule"}]}})");
  const std::string begin =
      R"({"metadata":{"resourceVersion":"7","annotations":{"trimtab.io/drain-since":null,)"
      R"("trimtab.io/drain-deadline":null,"trimtab.io/cordoned":null}},"spec":{)";
  EXPECT_EQ(UnmarkPatch(node), begin + R"("taints":[]}})");
  node.cordoned_by_us = true;
  EXPECT_EQ(UnmarkPatch(node), begin + R"("unschedulable":null,"taints":[]}})");
}

TEST(DrainMark, MayHaveLostItsAnnotations) {
  const auto node = ReadNode(
      R"({"metadata":{"name":"n","annotations":{"trimtab.io/drain-deadline":"soon"}},"spec":{
      "taints":[{"key":"trimtab.io/drain","effect":"NoSchedule"}]}})");
  const common::WallTime now(std::chrono::seconds(50));
  EXPECT_EQ(MarkOf(node, now), (DrainMark{"", now, std::nullopt}));
}

}  // namespace
}  // namespace scaler::kubernetes::nodes

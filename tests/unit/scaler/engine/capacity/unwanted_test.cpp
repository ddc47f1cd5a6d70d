#include <gtest/gtest.h>

#include "unit/scaler/engine/capacity/cluster.h"

namespace scaler::engine::capacity {
namespace {

/// Two full nodes, of which somebody wants the first emptied.
class UnwantedNode : public ::testing::Test {
 protected:
  UnwantedNode() {
    cluster_.AddNode("a");
    cluster_.AddNode("b");
    cluster_.AddWorkload("shop", 2, 4);
    cluster_.Step();
    unwanted_ = cluster_.observation.nodes[0].name;
    cluster_.Find(unwanted_)->unwanted = true;
  }

  Cluster cluster_;
  std::string unwanted_;
};

TEST_F(UnwantedNode, IsDrainedAndWhatRunsOnItGetsANodeInTheSameDecision) {
  cluster_.Step();
  EXPECT_TRUE(cluster_.Did(Action::Kind::kDrain, Reason::kUnwanted));
  EXPECT_EQ(cluster_.Added("dedicated"), 1);
  cluster_.Run(std::chrono::minutes(5));
  EXPECT_EQ(cluster_.Pending(), 0);
  EXPECT_EQ(cluster_.Find(unwanted_), cluster_.observation.nodes.end()) << "empty, so it goes";
  EXPECT_EQ(cluster_.observation.nodes.size(), 2u);
}

TEST_F(UnwantedNode, WaitsForItsTurnWithinTheBudget) {
  cluster_.observation.nodes[1].unwanted = true;
  cluster_.Step();
  EXPECT_TRUE(cluster_.observation.nodes[0].draining);
  EXPECT_FALSE(cluster_.observation.nodes[1].draining);
  EXPECT_TRUE(cluster_.Limited(Limit::kNodesAtOnce));
  cluster_.Run(std::chrono::minutes(10));
  EXPECT_EQ(cluster_.Pending(), 0);
  for (const auto& node : cluster_.observation.nodes) {
    EXPECT_FALSE(node.unwanted) << "both have gone";
  }
}

TEST_F(UnwantedNode, WaitsForItsTurnWithinTheBudgetOfTheHour) {
  cluster_.policy.disruption = {.nodes_at_once = 2, .nodes_per_hour = 1};
  cluster_.observation.nodes[1].unwanted = true;
  const auto second = cluster_.observation.nodes[1].name;
  cluster_.Run(std::chrono::minutes(50));
  EXPECT_EQ(cluster_.Find(unwanted_), cluster_.observation.nodes.end());
  ASSERT_NE(cluster_.Find(second), cluster_.observation.nodes.end());
  EXPECT_FALSE(cluster_.Find(second)->draining);
  EXPECT_TRUE(cluster_.Limited(Limit::kNodesPerHour));
  cluster_.Run(std::chrono::minutes(30));
  EXPECT_EQ(cluster_.Find(second), cluster_.observation.nodes.end());
}

TEST(UnwantedNodeOfTheLeast, GoesWhenAnotherIsReadyInItsPlace) {
  Cluster cluster;
  cluster.policy.pools[0].min_nodes = 1;
  const auto name = cluster.AddNode("a").name;
  cluster.Find(name)->unwanted = true;
  for (int step = 0; step < 30; ++step) {
    cluster.Step();
    EXPECT_GE(cluster.Ready("dedicated") + (cluster.Find(name) != cluster.observation.nodes.end()),
              1);
  }
  EXPECT_EQ(cluster.Find(name), cluster.observation.nodes.end());
  EXPECT_EQ(cluster.Ready("dedicated"), 1);
}

TEST_F(UnwantedNode, IsDrainedFurtherThoughItsRoomIsMissed) {
  cluster_.Step();
  cluster_.SetPods("shop", 6);
  cluster_.Step();
  EXPECT_FALSE(cluster_.Did(Action::Kind::kUncordon, Reason::kNeededAgain));
  EXPECT_TRUE(cluster_.Find(unwanted_)->draining);
}

TEST(LeavingPods, NeedNoRoomAndKeepTheirNodeUntilTheyAreGone) {
  Cluster cluster;
  cluster.AddNode("a");
  cluster.AddNode("b");
  cluster.AddWorkload("shop", 3, 2);
  auto& nodes = cluster.observation.nodes;
  auto& pods = cluster.observation.pods;
  pods[0].node = nodes[0].name;
  pods[1].node = nodes[1].name;
  nodes[0].draining = true;
  pods[0].leaving = true;
  const auto& decision = cluster.Decide();
  EXPECT_TRUE(decision.actions.empty()) << Sentence(decision.actions.front());
  EXPECT_TRUE(decision.waiting.empty());
  std::erase_if(cluster.observation.pods, [](const Pod& pod) { return pod.leaving; });
  cluster.observation.now += std::chrono::seconds(1);
  cluster.Decide();
  EXPECT_TRUE(cluster.Did(Action::Kind::kRemove, Reason::kDrained));
}

}  // namespace
}  // namespace scaler::engine::capacity

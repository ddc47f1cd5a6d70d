#include "scaler/engine/capacity/packing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <set>

#include "unit/scaler/engine/capacity/cluster.h"

namespace scaler::engine::capacity {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The pending pods of the cluster that find no room on its nodes.
std::vector<Load> WithoutRoom(const Cluster& cluster) {
  const auto world = Prepare(cluster.policy, cluster.state, cluster.observation);
  Packing packing(world, Packing::Which::kReady);
  std::vector<Load> loads;
  for (std::size_t i = 0; i < world.classes.size(); ++i) {
    loads.push_back({static_cast<int>(i), world.classes[i].waiting});
  }
  return packing.PlaceAll(loads);
}

TEST(Packing, FillsANodeToItsLastCore) {
  Cluster cluster;
  cluster.AddNode("a");
  cluster.AddWorkload("shop", 0.2, 20).memory_bytes = 0;
  EXPECT_THAT(WithoutRoom(cluster), IsEmpty()) << "twenty fifths are four, whatever doubles say";
  cluster.WorkloadOf("shop").cpu_cores = 0.2001;
  EXPECT_THAT(WithoutRoom(cluster), SizeIs(1));
}

TEST(Packing, CountsMemoryAndPodsToo) {
  Cluster cluster;
  cluster.AddNode("a");
  cluster.AddWorkload("small", 0.001, 21).memory_bytes = 1;
  ASSERT_THAT(WithoutRoom(cluster), SizeIs(1));
  EXPECT_EQ(WithoutRoom(cluster)[0].pods, 1) << "twenty pods a node";
  cluster.SetPods("small", 1);
  cluster.WorkloadOf("small").memory_bytes = 17 * kGiB;
  EXPECT_THAT(WithoutRoom(cluster), SizeIs(1));
}

TEST(Packing, KeepsATaintedNodeForThoseWhoTolerateIt) {
  Cluster cluster;
  cluster.AddNode("a").kind.taints = {"dedicated=build"};
  auto& shop = cluster.AddWorkload("shop", 1, 1);
  EXPECT_THAT(WithoutRoom(cluster), SizeIs(1));
  for (const auto* toleration : {"dedicated=build", "dedicated", "*"}) {
    shop.tolerations = {toleration};
    EXPECT_THAT(WithoutRoom(cluster), IsEmpty()) << toleration;
  }
  shop.tolerations = {"dedicated=other"};
  EXPECT_THAT(WithoutRoom(cluster), SizeIs(1));
}

TEST(Packing, PutsAPodOnlyWhereItsSelectorPoints) {
  Cluster cluster;
  cluster.AddNode("a");
  auto& shop = cluster.AddWorkload("shop", 1, 1);
  shop.selector = {{"disk", "ssd"}};
  EXPECT_THAT(WithoutRoom(cluster), SizeIs(1));
  cluster.observation.nodes[0].kind.labels = {{"cpu", "fast"}, {"disk", "ssd"}};
  EXPECT_THAT(WithoutRoom(cluster), IsEmpty());
}

TEST(Packing, SpreadsOverNodesAndZones) {
  Cluster cluster;
  cluster.AddNode("a");
  cluster.AddNode("a");
  auto& shop = cluster.AddWorkload("shop", 1, 2);
  shop.min_nodes = 2;
  EXPECT_THAT(WithoutRoom(cluster), IsEmpty());
  shop.min_zones = 2;
  ASSERT_THAT(WithoutRoom(cluster), SizeIs(1)) << "one waits for a second zone";
  cluster.AddNode("b");
  EXPECT_THAT(WithoutRoom(cluster), IsEmpty());
}

TEST(Packing, LeavesTheDedicatedNodesToThoseWhoNeedThem) {
  Cluster cluster;
  cluster.WithSpot({.share = 1});
  cluster.AddNode("a");
  cluster.AddNode("a", "spot");
  cluster.AddWorkload("a-shop", 4, 1);
  cluster.AddWorkload("b-checkout", 4, 1).spot = Placement::Spot::kNever;
  EXPECT_THAT(WithoutRoom(cluster), IsEmpty());
}

TEST(Packing, NodesThatGoOrAreCordonedHaveNoRoom) {
  Cluster cluster;
  auto& node = cluster.AddNode("a");
  cluster.AddWorkload("shop", 1, 1);
  node.cordoned = true;
  EXPECT_THAT(WithoutRoom(cluster), SizeIs(1));
  node.cordoned = false;
  node.notice_until = cluster.observation.now;
  EXPECT_THAT(WithoutRoom(cluster), SizeIs(1));
}

/// Tries all ways to put pods of the given sizes on nodes of four cores.
bool FitsSomehow(const std::vector<int>& pods, std::size_t at, std::vector<int>& free) {
  if (at == pods.size()) {
    return true;
  }
  for (auto& room : free) {
    if (room >= pods[at]) {
      room -= pods[at];
      const bool fits = FitsSomehow(pods, at + 1, free);
      room += pods[at];
      if (fits) {
        return true;
      }
    }
  }
  return false;
}

RC_GTEST_PROP(Packing, SaysThatPodsFitOnlyIfTheyDoAndErrsSeldomTheOtherWay, ()) {
  const auto pods =
      *rc::gen::resize(8, rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 5)));
  const int nodes = *rc::gen::inRange(1, 4);
  Cluster cluster;
  for (int i = 0; i < nodes; ++i) {
    cluster.AddNode("a");
  }
  for (const int size : std::set<int>(pods.begin(), pods.end())) {
    cluster.AddWorkload("size-" + std::to_string(size), size,
                        static_cast<int>(std::count(pods.begin(), pods.end(), size)));
  }
  std::vector<int> free(static_cast<std::size_t>(nodes), 4);
  const bool fits = WithoutRoom(cluster).empty();
  const bool can = FitsSomehow(pods, 0, free);
  // Sizes that divide the node alike leave no room for doubt: with these, first fit decreasing is
  // exact.
  RC_ASSERT(fits == can);
}

}  // namespace
}  // namespace scaler::engine::capacity

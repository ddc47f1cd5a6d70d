#include "scaler/backtest/cluster.h"

#include <gtest/gtest.h>

namespace scaler::backtest {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

World WithNodes() {
  World world;
  world.nodes = true;
  return world;
}

TEST(Cluster, WithoutNodesAPodAlwaysFindsRoom) {
  Cluster cluster(World{}, 1);
  cluster.SetDesired(200, seconds(0));
  cluster.Advance(seconds(15));
  EXPECT_EQ(cluster.Ready(), 1);
  EXPECT_EQ(cluster.Placed(), 200);
  EXPECT_FALSE(cluster.Room());
  cluster.Advance(seconds(20));
  EXPECT_EQ(cluster.Ready(), 200);
  EXPECT_DOUBLE_EQ(cluster.Nodes(), 20);
}

TEST(Cluster, APodWithoutRoomWaitsForANodeAndThenStarts) {
  Cluster cluster(WithNodes(), 9);
  EXPECT_EQ(cluster.Room(), 1);
  cluster.SetDesired(12, seconds(0));
  EXPECT_EQ(cluster.Placed(), 10) << "one of them fits";
  EXPECT_EQ(cluster.Room(), 0);
  EXPECT_EQ(cluster.Nodes(), 2) << "a node is paid for from its order";
  cluster.Advance(seconds(20));
  EXPECT_EQ(cluster.Ready(), 10);
  cluster.Advance(seconds(119));
  EXPECT_EQ(cluster.Placed(), 10);
  cluster.Advance(seconds(120));
  EXPECT_EQ(cluster.Placed(), 12);
  EXPECT_EQ(cluster.Ready(), 10);
  cluster.Advance(seconds(140));
  EXPECT_EQ(cluster.Ready(), 12);
  EXPECT_EQ(cluster.Room(), 8);
}

TEST(Cluster, NodesAreOrderedWhenTheAutoscalerLooks) {
  Cluster cluster(WithNodes(), 10);
  cluster.SetDesired(11, seconds(5));
  EXPECT_EQ(cluster.Nodes(), 1);
  cluster.SetDesired(11, seconds(10));
  EXPECT_EQ(cluster.Nodes(), 2);
}

TEST(Cluster, ANodeGoesAfterTenMinutesWithoutNeed) {
  Cluster cluster(WithNodes(), 20);
  cluster.SetDesired(5, seconds(0));
  EXPECT_FALSE(cluster.Settled());
  cluster.SetDesired(5, minutes(10) - seconds(10));
  EXPECT_EQ(cluster.Nodes(), 2);
  cluster.SetDesired(5, minutes(10));
  EXPECT_EQ(cluster.Nodes(), 1);
  EXPECT_TRUE(cluster.Settled());
}

TEST(Cluster, ThoseThatWaitGoFirstThenTheYoungest) {
  Cluster cluster(WithNodes(), 5);
  cluster.SetDesired(8, seconds(0));
  cluster.SetDesired(13, seconds(5));
  EXPECT_EQ(cluster.Placed(), 10);
  cluster.SetDesired(9, seconds(10));
  EXPECT_EQ(cluster.Placed(), 9);
  cluster.SetDesired(6, seconds(15));
  EXPECT_EQ(cluster.Ready(), 5);
  cluster.Advance(seconds(20));
  EXPECT_EQ(cluster.Ready(), 6) << "one of the three that were asked for first is left";
  cluster.SetDesired(2, seconds(25));
  EXPECT_EQ(cluster.Ready(), 2);
}

}  // namespace
}  // namespace scaler::backtest

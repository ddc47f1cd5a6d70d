// What operators can make go wrong.
#include <gmock/gmock.h>

#include "scaler/local/cloud/cloud.h"
#include "unit/scaler/local/cloud/small_cloud.h"

namespace scaler::local::cloud {
namespace {

using platform::Refusal;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using What = Mischief::What;
using Kind = Trouble::Kind;

TEST(Troubles, AReclaimedNodeIsTakenWhenItsNoticeRunsOut) {
  SmallCloud world;
  const auto name = world.Running("spot", "a");
  ASSERT_TRUE(world.Do({.what = What::kReclaim, .node = name}));
  EXPECT_EQ(world.Last().reclaim->at_wall, world.now.wall + seconds(120));
  world.Pass(seconds(120) - milliseconds(1));
  EXPECT_FALSE(world.Last().going);
  world.Pass(milliseconds(1));
  EXPECT_TRUE(world.Last().going);
}

TEST(Troubles, WithoutNoticeItIsTakenAtOnceWhateverItIs) {
  SmallCloud world;
  const auto name = world.Running("dedicated", "a");
  ASSERT_TRUE(world.Do({.what = What::kReclaim, .node = name, .after = milliseconds(0)}));
  EXPECT_TRUE(world.Last().going);
}

TEST(Troubles, ANodeOnDemandIsNotReclaimedWithNotice) {
  SmallCloud world;
  const auto name = world.Running("dedicated", "a");
  const auto done = world.Do({.what = What::kReclaim, .node = name});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, HasSubstr("say maintenance"));
}

TEST(Troubles, AWithdrawnNoticeTakesNothing) {
  SmallCloud world;
  const auto name = world.Running("spot", "a");
  ASSERT_TRUE(world.Do({.what = What::kReclaim, .node = name}));
  ASSERT_TRUE(world.Do({.what = What::kWithdraw, .node = name}));
  world.Pass(minutes(10));
  EXPECT_FALSE(world.Last().going);
  EXPECT_EQ(world.Last().notices, 2);
  EXPECT_FALSE(world.Do({.what = What::kWithdraw, .node = name}));
}

TEST(Troubles, ARebalanceRecommendationTakesNothing) {
  SmallCloud world;
  const auto name = world.Running("spot", "a");
  ASSERT_TRUE(world.Do({.what = What::kRebalance, .node = name}));
  EXPECT_EQ(world.Last().rebalance, world.now.wall);
  world.Pass(minutes(60));
  EXPECT_FALSE(world.Last().going);
}

TEST(Troubles, MaintenanceTakesANodeWhenItBegins) {
  SmallCloud world;
  const auto name = world.Running("dedicated", "a");
  ASSERT_TRUE(world.Do({.what = What::kMaintenance, .node = name, .after = minutes(1)}));
  world.Pass(minutes(1));
  EXPECT_TRUE(world.Last().going);
}

TEST(Troubles, WhoAcknowledgesIsTakenAtOnce) {
  SmallCloud world;
  const auto name = world.Running("spot", "a");
  world.cloud.Acknowledge(name, world.now);
  EXPECT_FALSE(world.Last().going);
  ASSERT_TRUE(world.Do({.what = What::kReclaim, .node = name}));
  world.cloud.Acknowledge(name, world.now);
  EXPECT_TRUE(world.Last().going);
}

TEST(Troubles, AZoneThatIsDownLosesAllAndGivesNothingForATime) {
  SmallCloud world;
  (void)world.Running("spot", "a");
  (void)world.Running("dedicated", "a");
  (void)world.Running("spot", "b");
  ASSERT_TRUE(world.Do({.what = What::kZoneDown, .zone = "a", .after = seconds(30)}));
  EXPECT_TRUE(world.cloud.Latest().nodes[0].going);
  EXPECT_TRUE(world.cloud.Latest().nodes[1].going);
  EXPECT_FALSE(world.cloud.Latest().nodes[2].going);
  EXPECT_EQ(world.Order("dedicated", "a")->why, Refusal::Why::kStockOut);
  EXPECT_FALSE(world.Order("spot", "b"));
  world.Pass(seconds(30));
  EXPECT_FALSE(world.Order("dedicated", "a"));
}

TEST(Troubles, AStockOutIsOfItsPoolAndZoneAndEnds) {
  SmallCloud world;
  ASSERT_TRUE(
      world.Do({.what = What::kTrouble, .pool = "spot", .zone = "a", .after = seconds(60)}));
  EXPECT_EQ(world.Order("spot", "a")->why, Refusal::Why::kStockOut);
  EXPECT_FALSE(world.Order("spot", "b"));
  EXPECT_FALSE(world.Order("dedicated", "a"));
  world.Pass(seconds(60));
  EXPECT_THAT(world.cloud.Latest().troubles, IsEmpty());
  EXPECT_FALSE(world.Order("spot", "a"));
}

TEST(Troubles, TheSameTroubleAgainReplacesTheFirst) {
  SmallCloud world;
  const Mischief stock_out{.what = What::kTrouble, .pool = "spot"};
  ASSERT_TRUE(world.Do(stock_out));
  ASSERT_TRUE(world.Do(stock_out));
  EXPECT_THAT(world.cloud.Latest().troubles, SizeIs(1));
}

TEST(Troubles, CalmEndsThemAll) {
  SmallCloud world;
  ASSERT_TRUE(world.Do({.what = What::kTrouble}));
  ASSERT_TRUE(world.Do({.what = What::kCalm}));
  EXPECT_FALSE(world.Order("spot", "a"));
}

TEST(Troubles, ALaunchThatFailsBootsAndNeverRuns) {
  SmallCloud world;
  ASSERT_TRUE(world.Do({.what = What::kTrouble, .kind = Kind::kLaunchFailures}));
  ASSERT_FALSE(world.Order("spot", "a"));
  world.Pass(seconds(20));
  EXPECT_TRUE(world.Last().going);
  EXPECT_FALSE(world.Last().running_at);
  EXPECT_DOUBLE_EQ(world.cloud.List(world.now).accounts[1].cost, 0);
}

TEST(Troubles, SlowBootsTakeSoMuchLonger) {
  SmallCloud world;
  ASSERT_TRUE(world.Do({.what = What::kTrouble, .kind = Kind::kSlowBoots, .by = seconds(30)}));
  ASSERT_FALSE(world.Order("spot", "a"));
  EXPECT_EQ(world.Last().boots_until, world.now.monotonic + seconds(50));
}

TEST(Troubles, AQuotaReplacesTheConfiguredOne) {
  SmallCloud world;
  ASSERT_TRUE(world.Do({.what = What::kQuota, .pool = "spot", .nodes = 0}));
  EXPECT_EQ(world.Order("spot", "a")->why, Refusal::Why::kQuota);
  ASSERT_TRUE(world.Do({.what = What::kQuota, .pool = "spot", .nodes = 9}));
  EXPECT_FALSE(world.Order("spot", "a", 9));
}

TEST(Troubles, WhatCannotBeIsSaid) {
  SmallCloud world;
  EXPECT_THAT(world.Do({.what = What::kReclaim, .node = "ghost"}).error().what,
              HasSubstr("no node 'ghost'"));
  EXPECT_THAT(world.Do({.what = What::kZoneDown, .zone = "z"}).error().what,
              HasSubstr("a zone 'z'"));
  EXPECT_THAT(world.Do({.what = What::kTrouble, .pool = "ghost"}).error().what,
              HasSubstr("no pool 'ghost'"));
  EXPECT_FALSE(world.Do({.what = What::kTrouble, .share = 1.5}));
  EXPECT_FALSE(world.Do({.what = What::kTrouble, .after = milliseconds(-1)}));
  EXPECT_FALSE(world.Do({.what = What::kQuota, .pool = "spot", .nodes = -1}));
}

}  // namespace
}  // namespace scaler::local::cloud

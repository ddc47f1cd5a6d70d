// Orders, boots, removals and costs.
#include "scaler/local/cloud/cloud.h"

#include <gmock/gmock.h>

#include "unit/scaler/local/cloud/small_cloud.h"

namespace scaler::local::cloud {
namespace {

using platform::ProvidedNode;
using platform::Refusal;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Cloud, ANodeBootsForItsTimeAndThenRuns) {
  SmallCloud world;
  ASSERT_FALSE(world.Order("spot", "a"));
  EXPECT_EQ(world.cloud.NextChange(), world.now.monotonic + seconds(20));
  world.Pass(seconds(19));
  EXPECT_EQ(world.cloud.List(world.now).nodes[0].node.state, ProvidedNode::State::kBooting);
  world.Pass(seconds(1));
  const auto listed = world.cloud.List(world.now).nodes[0].node;
  EXPECT_EQ(listed.state, ProvidedNode::State::kRunning);
  EXPECT_EQ(listed.running_at, world.now.monotonic);
  EXPECT_EQ(listed.order, "token-1");
  EXPECT_FALSE(world.cloud.NextChange());
}

TEST(Cloud, OneTokenMakesItsNodesOnce) {
  SmallCloud world;
  const platform::NodeOrder order{"again", "spot", "a", 2};
  EXPECT_FALSE(world.cloud.Add(order, world.now));
  EXPECT_FALSE(world.cloud.Add(order, world.now));
  EXPECT_THAT(world.cloud.Latest().nodes, SizeIs(2));
}

TEST(Cloud, ATokenIsRememberedWhenItsNodesAreGone) {
  SmallCloud world;
  const platform::NodeOrder order{"again", "spot", "a", 1};
  EXPECT_FALSE(world.cloud.Add(order, world.now));
  const auto name = world.Last().name;
  world.cloud.Remove(name, world.now);
  world.cloud.Cleared(name, world.now);
  EXPECT_FALSE(world.cloud.Add(order, world.now));
  EXPECT_THAT(world.cloud.Latest().nodes, IsEmpty());
}

TEST(Cloud, AnOrderIsTakenAsAWholeOrNotAtAll) {
  SmallCloud world;
  ASSERT_FALSE(world.Order("spot", "a", 3));
  const auto refusal = world.Order("spot", "b", 2);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->why, Refusal::Why::kQuota);
  EXPECT_THAT(refusal->what, HasSubstr("has 3 of the 4 nodes"));
  EXPECT_THAT(world.cloud.Latest().nodes, SizeIs(3));
}

TEST(Cloud, WhatMakesNoSenseFailsWithItsReason) {
  SmallCloud world;
  EXPECT_THAT(world.Order("ghost", "a")->what, HasSubstr("no pool 'ghost'"));
  EXPECT_THAT(world.Order("spot", "z")->what, HasSubstr("no zone 'z'"));
  EXPECT_THAT(world.Order("spot", "a", 0)->what, HasSubstr("0 nodes"));
  EXPECT_THAT(world.cloud.Add({"", "spot", "a", 1}, world.now)->what, HasSubstr("token"));
  EXPECT_EQ(world.Order("spot", "a", 2'000'000'000)->why, Refusal::Why::kQuota);
}

TEST(Cloud, NamesAreNeverGivenTwice) {
  SmallCloud world;
  const auto first = world.Running("spot", "a");
  world.cloud.Remove(first, world.now);
  world.cloud.Cleared(first, world.now);
  EXPECT_NE(world.Running("spot", "a"), first);
}

TEST(Cloud, PortsRestAfterTheirNode) {
  SmallCloud world;
  const auto first = world.Running("spot", "a");
  EXPECT_EQ(MetadataPort(world.spec, world.Last()), 30'000);
  EXPECT_EQ(AgentPort(world.spec, world.Last()), 30'001);
  world.cloud.Remove(first, world.now);
  world.cloud.Cleared(first, world.now);
  ASSERT_FALSE(world.Order("spot", "a"));
  EXPECT_EQ(MetadataPort(world.spec, world.Last()), 30'002);
}

TEST(Cloud, NoTwoNodesHaveAPortAtATime) {
  SmallCloud world;
  const auto stays = world.Running("dedicated", "a");
  for (int turn = 0; turn < 200; ++turn) {
    const auto name = world.Running("spot", "a");
    EXPECT_NE(AgentPort(world.spec, world.Last()), 30'001) << "that is of " << stays;
    EXPECT_LE(AgentPort(world.spec, world.Last()), 30'099);
    world.cloud.Remove(name, world.now);
    world.cloud.Cleared(name, world.now);
  }
}

TEST(Cloud, WithoutPortsThereAreNoNodes) {
  auto spec = SmallCloud::MakeSpec();
  spec.ports = {30'000, 30'004};
  Cloud cloud(spec, State{});
  const Now now{};
  EXPECT_EQ(cloud.Add({"1", "spot", "a", 3}, now)->why, Refusal::Why::kQuota);
  EXPECT_FALSE(cloud.Add({"2", "spot", "a", 2}, now));
  EXPECT_THAT(cloud.Add({"3", "spot", "a", 1}, now)->what, HasSubstr("suffice for 2 nodes"));
}

TEST(Cloud, ARemovedNodeIsGoingUntilNothingIsLeftOfIt) {
  SmallCloud world;
  const auto name = world.Running("spot", "a");
  world.cloud.Remove(name, world.now);
  EXPECT_EQ(world.cloud.List(world.now).nodes[0].node.state, ProvidedNode::State::kGoing);
  world.cloud.Remove(name, world.now);
  world.cloud.Cleared(name, world.now);
  EXPECT_THAT(world.cloud.List(world.now).nodes, IsEmpty());
}

TEST(Cloud, NobodyClearsANodeThatIsNotGoing) {
  SmallCloud world;
  const auto name = world.Running("spot", "a");
  world.cloud.Cleared(name, world.now);
  EXPECT_THAT(world.cloud.Latest().nodes, SizeIs(1));
}

TEST(Cloud, CostsRunFromTheFirstSecondOfANodeToItsRemoval) {
  SmallCloud world;
  const auto name = world.Running("spot", "a");
  world.Pass(seconds(100));
  EXPECT_DOUBLE_EQ(world.cloud.List(world.now).accounts[1].cost, 0.01);
  world.cloud.Remove(name, world.now);
  world.Pass(seconds(100));
  world.cloud.Cleared(name, world.now);
  const auto accounts = world.cloud.List(world.now).accounts;
  ASSERT_THAT(accounts, SizeIs(2));
  EXPECT_EQ(accounts[1].pool, "spot");
  EXPECT_DOUBLE_EQ(accounts[1].node_seconds, 100);
  EXPECT_DOUBLE_EQ(accounts[1].cost, 0.01);
  EXPECT_DOUBLE_EQ(accounts[0].cost, 0);
}

TEST(Cloud, TheRevisionGrowsWithWhatAListShowsAndWithNothingElse) {
  SmallCloud world;
  auto revision = world.cloud.Latest().revision;
  world.Pass(seconds(1));
  (void)world.Order("ghost", "a");
  EXPECT_EQ(world.cloud.Latest().revision, revision);
  (void)world.Order("spot", "a");
  EXPECT_GT(world.cloud.Latest().revision, revision);
  revision = world.cloud.Latest().revision;
  world.Pass(seconds(20));
  EXPECT_GT(world.cloud.Latest().revision, revision);
}

TEST(Cloud, TheJitterOfBootsComesFromTheSeedAlone) {
  auto spec = SmallCloud::MakeSpec();
  spec.pools[1].boot_jitter = seconds(10);
  const SmallCloud world;
  const auto boots = [&](std::uint64_t seed) {
    spec.seed = seed;
    Cloud cloud(spec, State{});
    std::vector<common::MonotonicTime> until;
    for (const auto* token : {"1", "2", "3"}) {
      (void)cloud.Add({token, "spot", "a", 1}, world.now);
      until.push_back(cloud.Latest().nodes.back().boots_until);
    }
    return until;
  };
  EXPECT_EQ(boots(1), boots(1));
  EXPECT_NE(boots(1), boots(2));
  for (const auto until : boots(1)) {
    EXPECT_GE(until, world.now.monotonic + seconds(20));
    EXPECT_LT(until, world.now.monotonic + seconds(30));
  }
  EXPECT_NE(boots(1)[0], boots(1)[1]);
}

TEST(Cloud, ListsEveryPlaceOfEveryPoolAsAnOffer) {
  const SmallCloud world;
  const auto offers = world.cloud.List(world.now).offers;
  ASSERT_THAT(offers, SizeIs(4));
  EXPECT_EQ(offers[2].pool, "spot");
  EXPECT_EQ(offers[2].zone, "a");
  EXPECT_EQ(offers[2].type, CapacityType::kSpot);
}

}  // namespace
}  // namespace scaler::local::cloud

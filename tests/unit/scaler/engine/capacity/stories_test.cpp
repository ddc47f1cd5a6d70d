// What happens to a cluster, told from the beginning to the end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/scaler/engine/capacity/cluster.h"

namespace scaler::engine::capacity {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SpotRules EightyPercent() {
  return {.share = 0.8,
          .min_dedicated_nodes = 1,
          .fallback_after = seconds(60),
          .return_after = minutes(10)};
}

TEST(CapacityStory, PodsThatFitNowhereGetNodesBalancedOverTheZones) {
  Cluster cluster;
  cluster.AddWorkload("shop", 2, 6);
  cluster.Step();
  EXPECT_EQ(cluster.Added("dedicated"), 3);
  for (const auto* zone : {"a", "b", "c"}) {
    EXPECT_EQ(cluster.Added("dedicated", zone), 1) << zone;
  }
  cluster.Step();
  EXPECT_EQ(cluster.Added("dedicated"), 0) << "what is on its way counts";
  cluster.Run(minutes(3));
  EXPECT_EQ(cluster.Pending(), 0);
}

TEST(CapacityStory, ABurstTakesTheSpareAndTheNextOneIsOrderedInTheSameDecision) {
  Cluster cluster;
  cluster.policy.spare.shapes = {{"shop", 2, kGiB, 2}};
  cluster.AddNode("a");
  cluster.AddNode("b");
  cluster.AddWorkload("shop", 2, 2);
  cluster.Run(minutes(1));
  ASSERT_THAT(cluster.last.spare, SizeIs(1));
  EXPECT_TRUE(cluster.last.spare[0].holds);
  EXPECT_EQ(cluster.observation.nodes.size(), 2u);

  cluster.SetPods("shop", 4);
  cluster.Step();
  EXPECT_EQ(cluster.Pending(), 0) << "the burst runs on the spare at once";
  EXPECT_FALSE(cluster.last.spare[0].holds);
  EXPECT_TRUE(cluster.last.spare[0].on_its_way);
  EXPECT_EQ(cluster.Added("dedicated"), 1);
  EXPECT_TRUE(cluster.Did(Action::Kind::kAdd, Reason::kSpare));
  EXPECT_THAT(cluster.last.spare[0].ordered, SizeIs(1));

  cluster.Run(minutes(3));
  EXPECT_TRUE(cluster.last.spare[0].holds);
}

TEST(CapacityStory, TheLossOfTheLargestNodeStillFits) {
  Cluster cluster;
  cluster.policy.spare.survive = Survive{.per_zone = true};
  cluster.AddNode("a");
  cluster.AddNode("b");
  cluster.AddWorkload("shop", 1, 8);
  cluster.Step();
  EXPECT_FALSE(cluster.last.spare[0].holds);
  EXPECT_THAT(cluster.last.spare[0].missing, ::testing::ElementsAre(Unplaced{"shop", 4}));
  EXPECT_EQ(cluster.Added("dedicated"), 1) << "one more survives the loss in any zone";
  cluster.Run(minutes(3));
  for (const auto& verdict : cluster.last.spare) {
    EXPECT_TRUE(verdict.holds) << verdict.what;
  }
  cluster.Lose(cluster.NodesIn("dedicated", "a").front());
  cluster.Step();
  EXPECT_EQ(cluster.Pending(), 0) << "it was only waited for";
}

TEST(CapacityStory, AScheduleMakesTheSpareLargerInTime) {
  Cluster cluster;
  cluster.policy.spare.shapes = {{"shop", 4, kGiB, 1}};
  const auto sale = cluster.observation.now + hours(1);
  cluster.policy.spare.schedule = {{"sale", sale, sale + hours(1), 3}};
  cluster.Run(minutes(50));
  EXPECT_EQ(cluster.Ready("dedicated"), 1);
  cluster.Run(minutes(10));
  EXPECT_EQ(cluster.Ready("dedicated"), 3) << "asked for as early as a node takes";
  cluster.Run(hours(1) + minutes(30));
  EXPECT_EQ(cluster.Ready("dedicated"), 1) << "and given back";
}

TEST(CapacityStory, AZoneIsLostAndItsWorkFindsRoomElsewhere) {
  Cluster cluster;
  cluster.policy.spare.survive = Survive{.per_zone = true};
  cluster.AddWorkload("shop", 1, 12);
  cluster.Run(minutes(10));
  EXPECT_EQ(cluster.Pending(), 0);
  cluster.out_of_stock = {"dedicated/a"};
  for (const auto& name : cluster.NodesIn("dedicated", "a")) {
    cluster.Lose(name);
  }
  cluster.Run(minutes(10));
  EXPECT_EQ(cluster.Pending(), 0);
  EXPECT_THAT(cluster.NodesIn("dedicated", "a"), IsEmpty());
  for (const auto& verdict : cluster.last.spare) {
    EXPECT_TRUE(verdict.holds) << verdict.what;
  }
}

TEST(CapacityStory, CriticalPodsNeverRunOnSpotAndTheOthersPreferIt) {
  Cluster cluster;
  cluster.WithSpot(EightyPercent());
  cluster.AddWorkload("checkout", 2, 2).spot = Placement::Spot::kNever;
  cluster.AddWorkload("shop", 2, 10);
  cluster.Run(minutes(10));
  EXPECT_EQ(cluster.Pending(), 0);
  for (const auto& pod : cluster.observation.pods) {
    if (pod.workload == "checkout") {
      EXPECT_EQ(cluster.Find(pod.node)->pool, "dedicated");
    }
  }
  EXPECT_GE(cluster.Ready("spot"), 4) << "four fifths of the five that may be spot";
  EXPECT_GE(cluster.Ready("dedicated"), 2) << "the critical node, and a fifth";
}

TEST(CapacityStory, AStockOutOfSpotFallsBackAtOnceAndReturnsWhenItsTimeHasCome) {
  Cluster cluster;
  cluster.WithSpot(EightyPercent());
  cluster.out_of_stock = {"spot/a", "spot/b", "spot/c"};
  cluster.AddWorkload("shop", 2, 10);
  cluster.Step();
  EXPECT_GT(cluster.Added("spot"), 0);
  cluster.Step();
  EXPECT_EQ(cluster.Added("spot"), 0);
  EXPECT_GT(cluster.Added("dedicated"), 0);
  EXPECT_TRUE(cluster.Did(Action::Kind::kAdd, Reason::kFallback));
  cluster.Run(minutes(5));
  EXPECT_EQ(cluster.Pending(), 0);
  EXPECT_EQ(cluster.Ready("spot"), 0);

  cluster.out_of_stock.clear();
  cluster.Run(minutes(9));
  EXPECT_LE(cluster.NodesIn("spot").size(), 3u) << "only probes, until it could be had for long";
  cluster.Run(minutes(40));
  EXPECT_GE(cluster.Ready("spot"), 4);
  EXPECT_LE(cluster.Ready("dedicated"), 3) << "the stand-ins are gone";
  EXPECT_EQ(cluster.Pending(), 0);
}

TEST(CapacityStory, SpotThatIsOrderedAndDoesNotComeIsReplaced) {
  Cluster cluster;
  cluster.WithSpot(EightyPercent());
  cluster.AddWorkload("shop", 4, 4);
  cluster.boot = hours(10);
  cluster.Step();
  const auto asked = cluster.NodesIn("dedicated").size();
  EXPECT_GE(cluster.Added("spot"), 3);
  cluster.Run(minutes(3));
  EXPECT_EQ(cluster.NodesIn("dedicated").size(), asked) << "it takes as long as it takes";
  cluster.Run(minutes(3));
  EXPECT_GE(cluster.NodesIn("dedicated").size(), 4u);
}

TEST(CapacityStory, ANoticeOrdersTheReplacementAndDrainsBeforeTheTime) {
  Cluster cluster;
  cluster.WithSpot(EightyPercent());
  cluster.AddWorkload("shop", 2, 10);
  cluster.Run(minutes(30));
  ASSERT_EQ(cluster.Pending(), 0);
  const auto name = cluster.NodesIn("spot").front();
  const auto until = cluster.observation.now + seconds(130);
  cluster.Find(name)->notice_until = until;
  cluster.Step();
  ASSERT_TRUE(cluster.Did(Action::Kind::kDrain, Reason::kNotice));
  EXPECT_EQ(cluster.last.actions.front().kind == Action::Kind::kAdd ||
                cluster.last.spot->losses_survived > 0,
            true);
  cluster.Run(seconds(120));
  for (const auto& pod : cluster.observation.pods) {
    EXPECT_NE(pod.node, name);
  }
}

TEST(CapacityStory, ANodeThatBootsAndWillBeTakenIsGivenBackAtOnceAndReplaced) {
  Cluster cluster;
  cluster.WithSpot(EightyPercent());
  cluster.AddWorkload("shop", 2, 10);
  cluster.Step();
  const auto booting = cluster.NodesIn("spot");
  ASSERT_FALSE(booting.empty());
  cluster.Find(booting.front())->notice_until = cluster.observation.now + seconds(120);
  cluster.Step();
  EXPECT_TRUE(cluster.Did(Action::Kind::kRemove, Reason::kNotice));
  EXPECT_FALSE(cluster.Did(Action::Kind::kDrain, Reason::kNotice)) << "there is nothing to move";
  EXPECT_EQ(cluster.Find(booting.front()), cluster.observation.nodes.end());
  EXPECT_GE(cluster.Added("spot") + cluster.Added("dedicated"), 1);
}

TEST(CapacityStory, AnUnneededNodeGoesOnlyAfterAWhileAndOneAtATime) {
  Cluster cluster;
  for (const auto* zone : {"a", "a", "a", "b"}) {
    cluster.AddNode(zone);
  }
  cluster.AddWorkload("shop", 1, 2);
  cluster.Step();
  EXPECT_TRUE(cluster.Limited(Limit::kNotUnneededLong));
  EXPECT_THAT(cluster.last.actions, IsEmpty());
  cluster.Run(minutes(20));
  EXPECT_EQ(cluster.observation.nodes.size(), 1u);
  EXPECT_EQ(cluster.Pending(), 0);
}

TEST(CapacityStory, ADrainIsTakenBackWhenALossWouldTakeItsPoolBelowItsLeast) {
  Cluster cluster;
  cluster.policy.pools[0].min_nodes = 1;
  const auto stays = cluster.AddNode("a").name;
  const auto goes = cluster.AddNode("b").name;
  cluster.Step();
  cluster.Find(goes)->draining = true;
  cluster.Lose(stays);
  cluster.Step();
  EXPECT_TRUE(cluster.Did(Action::Kind::kUncordon, Reason::kNeededAgain));
  EXPECT_EQ(cluster.Ready("dedicated"), 1);
}

TEST(CapacityStory, SpareThatWasOrderedOnDemandInAStockOutReturnsToSpot) {
  Cluster cluster;
  auto rules = EightyPercent();
  rules.share = 1;
  cluster.WithSpot(rules);
  cluster.policy.spare.survive = Survive{};
  cluster.AddWorkload("shop", 2, 6);
  cluster.Run(minutes(30));
  const auto settled = cluster.Ready("dedicated");
  for (const auto* zone : {"a", "b", "c"}) {
    cluster.out_of_stock.insert(std::string("spot/") + zone);
  }
  while (!cluster.NodesIn("spot").empty()) {
    cluster.Lose(cluster.NodesIn("spot").front());
  }
  cluster.Run(minutes(30));
  ASSERT_GT(cluster.Ready("dedicated"), settled);
  ASSERT_EQ(cluster.Pending(), 0);

  cluster.out_of_stock.clear();
  for (int step = 0; step < 6 * 90; ++step) {
    cluster.Step();
    EXPECT_EQ(cluster.Pending(), 0);
  }
  EXPECT_EQ(cluster.Ready("dedicated"), cluster.last.spot->dedicated_target);
  ASSERT_FALSE(cluster.last.spare.empty());
  EXPECT_TRUE(cluster.last.spare[0].holds);
  const auto nodes = cluster.observation.nodes.size();
  cluster.Run(minutes(60));
  EXPECT_EQ(cluster.observation.nodes.size(), nodes) << "and that is that";
}

TEST(CapacityStory, ADrainIsTakenBackWhenWorkComes) {
  Cluster cluster;
  cluster.AddNode("a");
  cluster.AddNode("b").draining = true;
  cluster.AddWorkload("shop", 1, 4);
  cluster.observation.pods.back().node = cluster.observation.nodes[1].name;
  cluster.SetPods("shop", 8);
  cluster.Step();
  EXPECT_TRUE(cluster.Did(Action::Kind::kUncordon, Reason::kNeededAgain));
  EXPECT_EQ(cluster.Added("dedicated"), 0);
}

TEST(CapacityStory, PodsThatComeAndGoDoNotMakeNodesComeAndGo) {
  Cluster cluster;
  cluster.AddWorkload("shop", 1, 8);
  cluster.Run(minutes(10));
  int changes = 0;
  for (int i = 0; i < 360; ++i) {
    cluster.SetPods("shop", i % 12 < 6 ? 8 : 4);  // Every two minutes.
    cluster.Step();
    changes += static_cast<int>(cluster.last.actions.size());
  }
  EXPECT_EQ(changes, 0);
}

TEST(CapacityStory, NobodyWithoutRoomAnywhereIsForgotten) {
  Cluster cluster;
  cluster.AddWorkload("giant", 64, 2);
  cluster.Step();
  EXPECT_THAT(cluster.last.actions, IsEmpty());
  ASSERT_TRUE(cluster.Limited(Limit::kNoOffer));
  EXPECT_THAT(cluster.last.waiting, ::testing::ElementsAre(Unplaced{"giant", 2}));
  EXPECT_EQ(Sentence(cluster.last.clamps.front()),
            "2 pods of giant wait: no pool makes a node on which they fit");
}

TEST(CapacityStory, APoolThatIsFullSaysSo) {
  Cluster cluster;
  cluster.policy.pools[0].max_nodes = 2;
  cluster.AddWorkload("shop", 4, 5);
  cluster.Step();
  EXPECT_EQ(cluster.Added("dedicated"), 2);
  EXPECT_TRUE(cluster.Limited(Limit::kMaxNodes));
}

TEST(CapacityStory, ANodeThatNeverComesIsRemovedByName) {
  Cluster cluster;
  cluster.boot = hours(10);
  cluster.AddWorkload("shop", 4, 1);
  cluster.Step();
  const auto name = cluster.NodesIn("dedicated").front();
  cluster.Run(minutes(16));
  EXPECT_EQ(cluster.Find(name), cluster.observation.nodes.end());
  EXPECT_THAT(cluster.NodesIn("dedicated"), SizeIs(1)) << "another is asked for";
}

TEST(CapacityStory, FrozenNothingIsDone) {
  Cluster cluster;
  cluster.AddWorkload("shop", 4, 1);
  cluster.observation.frozen = "the stop switch";
  cluster.Step();
  EXPECT_THAT(cluster.last.actions, IsEmpty());
  EXPECT_TRUE(cluster.Limited(Limit::kFrozen));
}

TEST(CapacityStory, WhatMayNotMoveKeepsItsNode) {
  Cluster cluster;
  cluster.AddNode("a");
  cluster.AddNode("b");
  cluster.AddWorkload("shop", 1, 1);
  cluster.AddWorkload("database", 1, 1).movable = false;
  cluster.observation.pods[0].node = cluster.observation.nodes[0].name;
  cluster.observation.pods[1].node = cluster.observation.nodes[1].name;
  cluster.Run(minutes(10));
  EXPECT_THAT(cluster.NodesIn("dedicated", "b"), SizeIs(1));
  EXPECT_THAT(cluster.NodesIn("dedicated", "a"), IsEmpty());
}

/// The plan is to put "large" on the other spot node and "small" on the dedicated one; the
/// scheduler puts "small" on the spot node, where "large" then has no room.
TEST(CapacityStory, ADrainThatFailedIsNotTriedAgainWithTheSameWork) {
  Cluster cluster;
  cluster.WithSpot({});
  cluster.policy.spot.reset();
  cluster.policy.pools[0].min_nodes = 1;
  cluster.AddWorkload("small", 1.5, 1);
  cluster.AddWorkload("large", 2, 2).spot = Placement::Spot::kOnly;
  const std::string first = cluster.AddNode("a", "spot").name;
  const std::string second = cluster.AddNode("b", "spot").name;
  cluster.AddNode("a");
  cluster.observation.pods[0].node = second;
  cluster.observation.pods[1].node = second;
  cluster.observation.pods[2].node = first;
  int drains = 0;
  int taken_back = 0;
  const auto run = [&](Duration time) {
    for (Duration passed{}; passed < time; passed += seconds(20)) {
      cluster.Step(seconds(20));
      drains += cluster.Did(Action::Kind::kDrain, Reason::kUnneeded);
      taken_back += cluster.Did(Action::Kind::kUncordon, Reason::kNeededAgain);
    }
  };
  run(hours(6));
  EXPECT_EQ(drains, 2) << "each of the two spot nodes once";
  EXPECT_EQ(taken_back, 2);
  EXPECT_THAT(cluster.state.failed_drains, SizeIs(2));
  EXPECT_TRUE(cluster.Limited(Limit::kDrainFailed));

  cluster.SetPods("small", 0);
  run(minutes(30));
  EXPECT_EQ(drains, 3) << "other work may fit";
  EXPECT_EQ(taken_back, 2);
  EXPECT_THAT(cluster.NodesIn("spot"), SizeIs(1));
  EXPECT_THAT(cluster.state.failed_drains, IsEmpty());
}

/// The plan is to fill up the fuller node; the scheduler fills up the other one, and the shape then
/// fits on neither.
TEST(CapacityStory, ADrainThatTookTheSpareIsTakenBackBeforeAnotherNodeIsMade) {
  Cluster cluster;
  cluster.policy.spare.shapes = {{"shop", 2, kGiB, 1}};
  cluster.AddWorkload("first", 1, 2);
  cluster.AddWorkload("second", 1, 3);
  cluster.AddWorkload("third", 1, 1);
  for (std::size_t i = 0; i < 6; ++i) {
    if (i == 0 || i == 2 || i == 5) {
      cluster.AddNode("a");
    }
    cluster.observation.pods[i].node = cluster.observation.nodes.back().name;
  }
  const std::string drained = cluster.observation.nodes[2].name;
  bool was_drained = false;
  for (int i = 0; i < 6 * 60; ++i) {
    cluster.Step();
    EXPECT_EQ(cluster.Added("dedicated"), 0);
    was_drained = was_drained || cluster.Find(drained)->draining;
  }
  EXPECT_TRUE(was_drained);
  EXPECT_FALSE(cluster.Find(drained)->draining);
  EXPECT_TRUE(cluster.last.spare[0].holds);
}

TEST(CapacityStory, AWorkloadOfOnePodThatMayNotBeAwayKeepsItsNode) {
  Cluster cluster;
  cluster.AddNode("a");
  cluster.AddNode("b");
  cluster.AddWorkload("shop", 1, 2).disruptions_allowed = 0;
  cluster.observation.pods[0].node = cluster.observation.nodes[0].name;
  cluster.observation.pods[1].node = cluster.observation.nodes[1].name;
  cluster.Run(minutes(10));
  EXPECT_EQ(cluster.observation.nodes.size(), 2u);
  EXPECT_TRUE(cluster.Limited(Limit::kUnmovable));
}

}  // namespace
}  // namespace scaler::engine::capacity

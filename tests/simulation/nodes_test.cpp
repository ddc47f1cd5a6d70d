#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/nodes_world.h"

namespace simulation {
namespace {

using scaler::engine::capacity::Action;
using scaler::engine::capacity::Reason;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Two shops of which one replica takes a quarter of a node.
class Nodes : public ::testing::Test {
 protected:
  Nodes() {
    world_.AddShop("one", 70);
    world_.AddShop("two", 70);
    world_.StartScaler();
  }

  void Settle() {
    world_.SecondsUntil([this] { return world_.hosts.AllServe() && world_.SpareHolds(); },
                        minutes(10));
  }

  [[nodiscard]] std::string ASpotNode() const {
    for (const auto& [name, node] : world_.provider.Nodes()) {
      if (node.pool == "spot" && world_.hosts.Holds(name)) {
        return name;
      }
    }
    ADD_FAILURE() << "no spot node carries anything";
    return {};
  }

  NodesWorld world_;
};

TEST_F(Nodes, AreMadeForWorkAndSpareAndEveryDecisionReplays) {
  Settle();
  EXPECT_GE(world_.provider.Count("dedicated"), 1);
  EXPECT_GE(world_.provider.Count("spot"), 1);
  EXPECT_TRUE(world_.Fleet().orders.empty());
  EXPECT_GT(world_.Entries().size(), 1u);
  world_.ExpectEveryLineToReplay();
}

TEST_F(Nodes, ABurstTakesTheSpareAndTheNextOneIsOrderedByTheSameDecision) {
  Settle();
  world_.executor.RunFor(minutes(1));
  const auto before = world_.Entries().back().id;
  const int nodes = world_.provider.Count("spot") + world_.provider.Count("dedicated");
  world_.agent.SetRate("one", 120);
  const double served =
      world_.SecondsUntil([&] { return world_.hosts.Ready("one") >= 7; }, minutes(1));
  EXPECT_LT(served, 15) << "the spare was there: no node had to boot";
  EXPECT_GT(world_.provider.Count("spot") + world_.provider.Count("dedicated"), nodes);
  for (const auto& entry : world_.Entries()) {
    const auto& line = entry.line;
    if (entry.id <= before || line.decision.actions.empty()) {
      continue;
    }
    EXPECT_EQ(line.decision.actions[0].kind, Action::Kind::kAdd);
    const auto pending = std::count_if(line.observation.pods.begin(), line.observation.pods.end(),
                                       [](const auto& pod) { return pod.node.empty(); });
    EXPECT_GT(pending, 0) << "what the cycle asked for waits in the very decision that orders";
    break;
  }
  Settle();
  world_.ExpectEveryLineToReplay();
}

TEST_F(Nodes, ANoticeIsAnsweredBeforeItsTimeAndNothingIsMissed) {
  Settle();
  const auto node = ASpotNode();
  const int ready = world_.hosts.ReadyOfAll();
  world_.Notice(node, seconds(120));
  bool fell = false;
  for (int second = 0; second < 120; ++second) {
    world_.executor.RunFor(seconds(1));
    fell = fell || world_.hosts.ReadyOfAll() < ready;
  }
  EXPECT_FALSE(fell) << "the replacements were ready first";
  EXPECT_FALSE(world_.hosts.Holds(node));
  const auto counters = world_.Fleet().counters;
  EXPECT_EQ(counters.deadlines_missed, 0u);
  EXPECT_EQ(counters.drains.count("notice"), 1u);
  EXPECT_EQ(counters.node_lost.size(), 0u);
  Settle();
  world_.ExpectEveryLineToReplay();
}

TEST_F(Nodes, ANodeThatIsTakenWithoutNoticeIsReplacedAndItsReplicasAreCounted) {
  Settle();
  const auto node = ASpotNode();
  world_.provider.Take(node);
  EXPECT_FALSE(world_.hosts.Holds(node)) << "at once";
  Settle();
  const auto counters = world_.Fleet().counters;
  std::uint64_t lost = 0;
  for (const auto& [workload, replicas] : counters.node_lost) {
    lost += replicas;
  }
  EXPECT_GT(lost, 0u);
  std::uint64_t interruptions = 0;
  for (const auto& [key, count] : counters.interruptions) {
    EXPECT_FALSE(key.second) << "without notice";
    interruptions += count;
  }
  EXPECT_EQ(interruptions, 1u) << "going and gone is one";
}

TEST_F(Nodes, AStockOutFallsBackWithinASecondAndSpotReturnsWhenItsTimeHasCome) {
  world_.agent.SetRate("one", 200);
  Settle();
  world_.executor.RunFor(minutes(1));
  std::vector<std::string> spot;
  for (const auto& [name, node] : world_.provider.Nodes()) {
    if (node.pool == "spot") {
      spot.push_back(name);
    }
  }
  ASSERT_GE(spot.size(), 3u);
  for (const auto* zone : {"a", "b", "c"}) {
    world_.provider.out_of_stock.insert(std::string("spot/") + zone);
  }
  world_.provider.answers_at_once = false;
  const int dedicated = world_.provider.Count("dedicated");
  for (const auto& node : spot) {
    world_.Notice(node, seconds(120));
  }
  const double fallback = world_.SecondsUntil(
      [&] { return world_.provider.Count("dedicated") > dedicated; }, minutes(1));
  ASSERT_TRUE(world_.provider.first_refusal);
  const std::chrono::duration<double> since_heard =
      world_.executor.Monotonic() - *world_.provider.first_refusal;
  EXPECT_LT(since_heard.count(), 1) << "since the first zone was heard to have none";
  EXPECT_LT(fallback, 1.5) << "with the word of the notices and the provider's time to answer";
  world_.executor.RunFor(minutes(3));
  EXPECT_TRUE(world_.hosts.AllServe());
  EXPECT_EQ(world_.Fleet().counters.deadlines_missed, 0u);

  world_.provider.out_of_stock.clear();
  bool served = true;
  const double returned = world_.SecondsUntil(
      [&] {
        served = served && world_.hosts.AllServe();
        return world_.provider.Count("spot") >= 3;
      },
      minutes(30));
  EXPECT_GE(returned, 120) << "spot.returnAfter";
  world_.executor.RunFor(minutes(15));
  const auto decision = world_.Fleet().decision;
  ASSERT_TRUE(decision && decision->spot);
  EXPECT_EQ(world_.provider.Count("dedicated"), decision->spot->dedicated_target)
      << "who stood in has gone, the spare among them";
  EXPECT_TRUE(served && world_.hosts.AllServe());
  world_.ExpectEveryLineToReplay();
}

TEST_F(Nodes, WhatIsNoLongerNeededGoesByNameAndTheSpareStays) {
  world_.agent.SetRate("one", 200);
  Settle();
  world_.executor.RunFor(minutes(2));
  const int many = world_.provider.Count("spot");
  world_.agent.SetRate("one", 10);
  world_.SecondsUntil([&] { return world_.provider.Count("spot") < many; }, minutes(30));
  world_.executor.RunFor(minutes(20));
  EXPECT_TRUE(world_.SpareHolds());
  EXPECT_TRUE(world_.hosts.AllServe());
  EXPECT_FALSE(world_.provider.RemovedByUs().empty());
  for (const auto& node : world_.provider.RemovedByUs()) {
    EXPECT_TRUE(world_.WasNamed(node)) << node;
  }
}

TEST_F(Nodes, FrozenNothingIsAskedForAndUnfrozenItIs) {
  Settle();
  ASSERT_TRUE(world_.freeze.Set({"an outage", world_.executor.Wall()}));
  const int nodes = world_.provider.Count("spot") + world_.provider.Count("dedicated");
  world_.Notice(ASpotNode(), seconds(600));
  world_.executor.RunFor(minutes(2));
  EXPECT_EQ(world_.provider.Count("spot") + world_.provider.Count("dedicated"), nodes);
  EXPECT_EQ(world_.hosts.Draining(), 0);
  ASSERT_TRUE(world_.freeze.Clear());
  world_.SecondsUntil([&] { return world_.Fleet().counters.drains.contains("notice"); },
                      minutes(3));
  world_.ExpectEveryLineToReplay();
}

TEST_F(Nodes, AreLeftAloneWithoutAPolicy) {
  Settle();
  world_.WritePolicies(kShopsOnNodes);
  world_.executor.RunFor(seconds(3));
  const auto calls = world_.provider.Nodes().size();
  world_.agent.SetRate("one", 400);
  world_.executor.RunFor(minutes(5));
  EXPECT_EQ(world_.provider.Nodes().size(), calls);
  EXPECT_EQ(world_.Fleet().decision, nullptr);
}

TEST_F(Nodes, APersonHasANodeEmptiedAndRemovedOrTakesItBack) {
  Settle();
  const auto node = ASpotNode();
  ASSERT_TRUE(world_.fleet->Want(node, true));
  world_.executor.RunFor(seconds(2));
  EXPECT_EQ(world_.hosts.Draining(), 1);
  ASSERT_TRUE(world_.fleet->Want(node, false));
  world_.executor.RunFor(seconds(1));
  EXPECT_EQ(world_.hosts.Draining(), 0);
  world_.executor.RunFor(minutes(1));
  EXPECT_TRUE(world_.provider.Nodes().contains(node));

  ASSERT_TRUE(world_.fleet->Want(node, true));
  world_.SecondsUntil([&] { return !world_.provider.Nodes().contains(node); }, minutes(5));
  EXPECT_TRUE(world_.WasNamed(node));
  EXPECT_TRUE(world_.hosts.AllServe());
  EXPECT_FALSE(world_.fleet->Want("nobody", true));
}

TEST_F(Nodes, OfTwoPoliciesTheFirstByNameHoldsAndTheOtherIsReported) {
  std::string another = kProduction;
  another.replace(another.find("production"), 10, "another");
  world_.WritePolicies(std::string(kShopsOnNodes) + kProduction + another);
  world_.executor.RunFor(seconds(3));
  EXPECT_EQ(world_.Fleet().policy->name, "another");
  const auto status = world_.board.Get();
  EXPECT_THAT(status->problems,
              ::testing::Contains(::testing::HasSubstr("production does nothing")));
}

}  // namespace
}  // namespace simulation

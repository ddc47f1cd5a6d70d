#include "scaler/engine/capacity/placeholders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/scaler/engine/capacity/cluster.h"

namespace scaler::engine::capacity {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

/// Nodes that others make: of no pool, and nothing is offered.
Cluster OfOthers() {
  Cluster cluster;
  cluster.policy.pools.clear();
  cluster.observation.offers.clear();
  cluster.policy.spare.by = Spare::By::kPlaceholderPods;
  for (const auto* zone : {"a", "b"}) {
    cluster.AddNode(zone, "");
  }
  return cluster;
}

CapacityStep Decide(const Cluster& cluster) {
  return DecideCapacity(cluster.policy, {}, cluster.observation);
}

TEST(Placeholders, AreTheShapes) {
  auto cluster = OfOthers();
  cluster.policy.spare.shapes = {{"large", 2, 4 * kGiB, 1}, {"shop", 0.5, kGiB, 20}};
  const auto step = Decide(cluster);
  EXPECT_THAT(step.decision.placeholders,
              ElementsAre(Placeholder{"shape-large", "", 2, 4 * kGiB, {}, 1},
                          Placeholder{"shape-shop", "", 0.5, kGiB, {}, 20}));
  EXPECT_THAT(step.decision.actions, IsEmpty()) << "others make the nodes";
}

TEST(Placeholders, AreNoneWhereNodesAreOrdered) {
  auto cluster = OfOthers();
  cluster.policy.spare.shapes = {{"shop", 0.5, kGiB, 20}};
  cluster.policy.spare.by = Spare::By::kNodeGroups;
  EXPECT_THAT(Decide(cluster).decision.placeholders, IsEmpty());
}

TEST(Placeholders, AreAskedForFiveMinutesBeforeAScheduleBegins) {
  auto cluster = OfOthers();
  cluster.policy.spare.shapes = {{"shop", 0.5, kGiB, 3}};
  const auto begin = cluster.observation.now + std::chrono::minutes(5);
  cluster.policy.spare.schedule = {{"sale", begin, begin + std::chrono::hours(1), 2.5}};
  const auto pods = [&] { return Decide(cluster).decision.placeholders.at(0).pods; };
  EXPECT_EQ(pods(), 8);
  cluster.observation.now -= std::chrono::seconds(1);
  EXPECT_EQ(pods(), 3);
  cluster.observation.now = begin + std::chrono::hours(1);
  EXPECT_EQ(pods(), 3);
}

TEST(Placeholders, TakeTheRoomOfTheLargestNodeOfEachZone) {
  auto cluster = OfOthers();
  cluster.policy.spare.survive = Survive{.per_zone = true};
  auto& large = cluster.AddNode("b", "");
  large.kind.cpu_cores = 16;
  large.kind.memory_bytes = 64 * kGiB + 5;
  large.kind.taints = {"team=data"};
  large.draining = large.cordoned = true;
  const auto placeholders = Decide(cluster).decision.placeholders;
  EXPECT_THAT(placeholders,
              ElementsAre(Placeholder{"loss-a", "a", 4, 16 * kGiB, {}, 1},
                          Placeholder{"loss-b", "b", 16, 64 * kGiB, {"team=data"}, 1}));
}

TEST(Placeholders, FitOnEveryNodeOfTheLargestType) {
  auto cluster = OfOthers();
  cluster.policy.spare.survive = Survive{};
  for (const double cores : {7.9, 7.6, 7.8}) {
    auto& node = cluster.AddNode("c", "");
    node.kind.cpu_cores = cores;
    node.kind.labels = {{"node.kubernetes.io/instance-type", "m5.2xlarge"}};
  }
  EXPECT_THAT(Decide(cluster).decision.placeholders,
              ElementsAre(Placeholder{"loss", "", 7.6, 16 * kGiB, {}, 1}));
}

TEST(Placeholders, AreNoneForNodesThatAreNotThere) {
  auto cluster = OfOthers();
  cluster.observation.nodes.clear();
  cluster.policy.spare.survive = Survive{};
  EXPECT_THAT(Decide(cluster).decision.placeholders, IsEmpty());
}

TEST(NodesOfOthers, AreEmptiedForANoticeAndTakenBackWithIt) {
  auto cluster = OfOthers();
  auto& node = cluster.observation.nodes[0];
  node.notice_until = cluster.observation.now + std::chrono::minutes(2);
  const auto name = node.name;
  const auto is = [&](Action::Kind kind, Reason reason) {
    return ElementsAre(testing::AllOf(Field(&Action::kind, kind), Field(&Action::reason, reason),
                                      Field(&Action::node, name)));
  };
  EXPECT_THAT(Decide(cluster).decision.actions, is(Action::Kind::kDrain, Reason::kNotice));
  node.draining = node.cordoned = true;
  EXPECT_THAT(Decide(cluster).decision.actions, IsEmpty()) << "nobody may remove it but its maker";
  node.notice_until.reset();
  EXPECT_THAT(Decide(cluster).decision.actions, is(Action::Kind::kUncordon, Reason::kWithdrawn));
}

}  // namespace
}  // namespace scaler::engine::capacity

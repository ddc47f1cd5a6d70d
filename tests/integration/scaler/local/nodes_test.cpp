#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "integration/scaler/local/visitors.h"
#include "integration/scaler/local/world.h"

namespace scaler::local {
namespace {

using common::lifecycle::EndReason;
using engine::capacity::CapacityType;
using platform::Phase;
using platform::ProvidedNode;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

/// The real platform, told by the test which nodes there are.
class LocalNodes : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!World::HasHaproxy()) {
      GTEST_SKIP() << "haproxy is not installed";
    }
    world_.StartHaproxy();
  }

  void TearDown() override {
    if (HasFailure()) {
      std::cerr << world_.Story();
    }
  }

  void Open() {
    auto spec = world_.DefaultSpec();
    spec.cloud_socket = world_.Directory() / "cloud.sock";
    spec.on_exit = OnExit::kStop;
    world_.OpenPlatform(spec);
    world_.Platform().SetPlacement({});
  }

  /// A node with room for two of the shop's replicas.
  void AddNode(const std::string& name, CapacityType type = CapacityType::kOnDemand) {
    ProvidedNode node;
    node.name = name;
    node.pool = "pool";
    node.zone = "a";
    node.type = type;
    node.kind.cpu_cores = 0.2;
    node.kind.memory_bytes = 1e9;
    node.state = ProvidedNode::State::kRunning;
    view_.nodes.push_back(node);
  }

  void Tell() { world_.Platform().SeeNodes(view_); }

  void Drain(const std::string& node, std::optional<seconds> lead = std::nullopt) {
    platform::Drain drain;
    drain.reason = "asked";
    drain.since = std::chrono::steady_clock::now();
    if (lead) {
      drain.deadline = drain.since + *lead;
    }
    world_.Platform().DrainNode(node, drain, [](const common::Result<void>& done) {
      EXPECT_TRUE(done) << done.error().what;
    });
  }

  [[nodiscard]] std::vector<std::string> On(const std::string& node) {
    std::vector<std::string> pods;
    for (const auto& pod : world_.Platform().ListNodes().pods) {
      if (pod->node == node) {
        pods.push_back(pod->name);
      }
    }
    return pods;
  }

  /// The cgroup of the first controller that a replica's processes are in.
  [[nodiscard]] std::string CgroupsOf(const std::string& replica) const {
    for (const auto& record : world_.Lifecycle()) {
      if (record.replica == replica && record.pid > 0) {
        std::ifstream file("/proc/" + std::to_string(record.pid) + "/cgroup");
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
      }
    }
    return {};
  }

  World world_;
  platform::ProviderView view_;
};

TEST_F(LocalNodes, HoldReplicasInTheirSlicesAndSayWhatDoesNotFit) {
  AddNode("node-1");
  Open();
  world_.Scale(3);
  Tell();
  ASSERT_TRUE(world_.Until([&] { return world_.Count(Phase::kReady) == 2; }));
  for (const auto& replica : On("node-1")) {
    EXPECT_THAT(CgroupsOf(replica), HasSubstr("/node-1/" + replica));
  }
  const auto view = world_.Platform().ListNodes();
  ASSERT_THAT(view.pods, SizeIs(3));
  EXPECT_EQ(view.pods[2]->pending, "fits on none of 1 node: 1 short of cpu");
  EXPECT_THAT(world_.Platform().List()[0]->problem, HasSubstr("short of cpu"));

  AddNode("node-2");
  Tell();
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(3); }));
  EXPECT_THAT(On("node-2"), SizeIs(1));
}

TEST_F(LocalNodes, AreEmptiedWithoutALostRequestAndOverAKillOfTheScaler) {
  AddNode("node-1");
  Open();
  world_.Scale(2);
  Tell();
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2); }));
  AddNode("node-2");
  Tell();
  Visitors visitors(world_.Port(), 4);
  Drain("node-1");
  ASSERT_TRUE(world_.Until([&] { return On("node-2").size() == 2; }));
  world_.DropPlatform();
  Open();
  Tell();
  bool fell = false;
  ASSERT_TRUE(world_.Until([&] {
    fell = fell || world_.Count(Phase::kReady) < 2;
    return On("node-1").empty() && world_.AllReady(2);
  }));
  EXPECT_THAT(On("node-2"), SizeIs(2));
  world_.RunFor(milliseconds(300));
  const auto served = visitors.Take();
  EXPECT_THAT(served.lost, IsEmpty());
  EXPECT_THAT(served.by_status, UnorderedElementsAre(Key(200)));
  for (const auto& end : world_.Ends()) {
    EXPECT_EQ(end.reason, EndReason::kScaledDown);
  }
}

TEST_F(LocalNodes, WhoseTimeComesAreEmptiedThoughNothingElseHasRoom) {
  AddNode("node-1");
  Open();
  world_.Scale(1);
  Tell();
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(1); }));
  const auto begun = std::chrono::steady_clock::now();
  Drain("node-1", seconds(6));
  ASSERT_TRUE(world_.Until([&] { return On("node-1").empty(); }));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, seconds(2)) << "not before it has to be";
  EXPECT_THAT(world_.Platform().ListNodes().pods[0]->pending, HasSubstr("being emptied"));
}

TEST_F(LocalNodes, ThatAreTakenBackFromADrainKeepWhatRunsThere) {
  AddNode("node-1");
  Open();
  world_.Scale(1);
  Tell();
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(1); }));
  const auto before = On("node-1");
  Drain("node-1");
  ASSERT_TRUE(world_.Until([&] {
    return world_.Platform().ListNodes().pods[0]->node.empty() ||
           !world_.Platform().List()[0]->problem.empty();
  })) << "the replacement has no room";
  world_.Platform().UncordonNode("node-1", [](const auto& done) { EXPECT_TRUE(done); });
  world_.RunFor(milliseconds(300));
  EXPECT_EQ(On("node-1"), before);
  EXPECT_TRUE(world_.AllReady(1));
}

TEST_F(LocalNodes, ThatAreTakenLoseTheirReplicasAtOnceAndTheOthersServe) {
  AddNode("node-1");
  AddNode("node-2");
  Open();
  world_.Scale(2);
  Tell();
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2); }));
  const auto lost = On("node-1");
  ASSERT_THAT(lost, SizeIs(1)) << "they are spread";
  view_.nodes[0].state = ProvidedNode::State::kGoing;
  Tell();
  EXPECT_EQ(world_.Count(Phase::kReady), 1);
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2) && On("node-1").empty(); }));
  EXPECT_THAT(On("node-2"), SizeIs(2));
  ASSERT_THAT(world_.Ends(), SizeIs(1));
  EXPECT_EQ(world_.Ends()[0].replica, lost[0]);
  EXPECT_EQ(world_.Ends()[0].reason, EndReason::kScaledDown)
      << "not a fault of its own: the scaler counts it";
  EXPECT_THAT(world_.Servers(), Each(::testing::Not(HasSubstr(lost[0] + " "))));
}

}  // namespace
}  // namespace scaler::local

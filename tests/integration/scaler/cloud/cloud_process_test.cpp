// The real cloud process, its real client, real cgroups and real ends.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>

#include "integration/scaler/cloud/cloud_world.h"

namespace tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kPools =
    "pools:\n"
    "  spot: {capacityType: spot, zones: [a, b], node: {cpu: 1, memory: 64Mi}, "
    "pricePerHour: 3600, quota: 3, boot: {time: 200ms}, metadata: none}\n";

class CloudProcess : public ::testing::Test {
 protected:
  CloudProcess() { world_.Start(); }

  [[nodiscard]] std::string Node(const ProvidedNode& node) const {
    return world_.Parent() + "/" + node.name;
  }

  CloudWorld world_{kPools};
  const scaler::local::Cgroups cgroups_ = scaler::local::Cgroups::Find("/").value();
};

TEST_F(CloudProcess, GivesNodesThatAreCgroupsAndTakesThemByName) {
  ASSERT_FALSE(world_.Add({"t", "spot", "a", 2}));
  ASSERT_TRUE(world_.Until([&] { return world_.AllRun(2); }));
  const auto nodes = world_.Nodes();
  EXPECT_FALSE(world_.Remove(nodes[0].name));
  ASSERT_TRUE(world_.Until([&] { return world_.AllRun(1); }));
  EXPECT_EQ(world_.Nodes()[0].name, nodes[1].name);
  EXPECT_FALSE(world_.Remove(nodes[0].name)) << "one that is gone is removed already";
}

TEST_F(CloudProcess, ItsSocketIsItsOwnersAlone) {
  struct stat status {};
  ASSERT_EQ(::stat(world_.Socket().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(CloudProcess, RefusalsReachTheClient) {
  EXPECT_EQ(world_.Add({"t", "spot", "a", 9})->why, Refusal::Why::kQuota);
  EXPECT_EQ(world_.Command("stock-out spot --zone a --for 1m"), 0);
  EXPECT_EQ(world_.Add({"u", "spot", "a", 1})->why, Refusal::Why::kStockOut);
  EXPECT_EQ(world_.Command("calm"), 0);
  EXPECT_FALSE(world_.Add({"u", "spot", "a", 1}));
}

TEST_F(CloudProcess, KillsWhatRunsOnANodeThatIsTaken) {
  ASSERT_FALSE(world_.Add({"t", "spot", "a", 1}));
  ASSERT_TRUE(world_.Until([&] { return world_.AllRun(1); }));
  const auto replica = Node(world_.Nodes()[0]) + "/replica-1";
  ASSERT_TRUE(cgroups_.Create(replica, {}));
  const auto pid = ::fork();
  if (pid == 0) {
    if (cgroups_.Join(replica)) {
      ::pause();
    }
    ::_exit(1);
  }
  ASSERT_TRUE(world_.Until([&] { return cgroups_.Processes(replica).size() == 1; }));
  EXPECT_EQ(world_.Command("reclaim " + world_.Nodes()[0].name + " --notice 0s"), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  EXPECT_TRUE(world_.Until([&] { return world_.Nodes().empty(); })) << world_.Log();
}

TEST_F(CloudProcess, RemembersItsNodesAndOrdersWhenItIsKilled) {
  ASSERT_FALSE(world_.Add({"t", "spot", "a", 1}));
  ASSERT_TRUE(world_.Until([&] { return world_.AllRun(1); }));
  const auto before = world_.Nodes()[0];
  world_.Kill();
  ASSERT_TRUE(world_.Until([&] { return !world_.Client().List().problem.empty(); }));
  EXPECT_THAT(world_.Nodes(), SizeIs(1)) << "its last word stays";
  world_.Start();
  EXPECT_FALSE(world_.Add({"t", "spot", "a", 1}));
  ASSERT_THAT(world_.Nodes(), SizeIs(1));
  EXPECT_EQ(world_.Nodes()[0].name, before.name);
  EXPECT_EQ(world_.Nodes()[0].ordered_at, before.ordered_at);
  EXPECT_EQ(world_.Nodes()[0].running_at, before.running_at);
}

TEST_F(CloudProcess, GoesOnWithATakeThatItsOwnEndInterrupted) {
  ASSERT_FALSE(world_.Add({"t", "spot", "a", 2}));
  ASSERT_TRUE(world_.Until([&] { return world_.AllRun(2); }));
  ASSERT_EQ(world_.Command("zone-down a"), 0);
  world_.Kill();
  ASSERT_TRUE(world_.Until([&] { return !world_.Client().List().problem.empty(); }));
  world_.Start();
  EXPECT_TRUE(world_.Until([&] { return world_.Nodes().empty(); })) << world_.Log();
  EXPECT_EQ(world_.Add({"u", "spot", "a", 1})->why, Refusal::Why::kStockOut);
}

TEST_F(CloudProcess, TakesAllNodesWithItAtItsOrderlyEnd) {
  ASSERT_FALSE(world_.Add({"t", "spot", "b", 2}));
  ASSERT_TRUE(world_.Until([&] { return world_.AllRun(2); }));
  EXPECT_EQ(world_.Stop(), 0);
  EXPECT_TRUE(cgroups_.Remove(world_.Parent())) << "nothing is below it";
}

TEST_F(CloudProcess, AnOrderWithoutAnAnswerFailsAndSaysSo) {
  world_.Kill();
  const auto refusal = world_.Add({"t", "spot", "a", 1});
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->why, Refusal::Why::kFailed);
  EXPECT_THAT(refusal->what, HasSubstr("cloud.sock"));
}

TEST_F(CloudProcess, TellsOperatorsWhatCannotBe) {
  EXPECT_EQ(world_.Command("reclaim ghost"), 1);
  EXPECT_THAT(world_.Said(), HasSubstr("there is no node 'ghost'"));
  EXPECT_EQ(world_.Command("reclaim"), 2);
  EXPECT_EQ(world_.Command("list"), 0);
  EXPECT_THAT(world_.Said(), HasSubstr("NODE"));
}

TEST_F(CloudProcess, SaysWhatItsNodesHaveCost) {
  ASSERT_FALSE(world_.Add({"t", "spot", "a", 1}));
  ASSERT_TRUE(world_.Until([&] { return world_.AllRun(1); }));
  EXPECT_FALSE(world_.Remove(world_.Nodes()[0].name));
  ASSERT_TRUE(world_.Until([&] { return world_.Nodes().empty(); }));
  ASSERT_THAT(world_.Client().Accounts(), SizeIs(1));
  const auto& account = world_.Client().Accounts()[0];
  EXPECT_GT(account.node_seconds, 0);
  EXPECT_NEAR(account.cost, account.node_seconds, 1e-9) << "one a second";
}

}  // namespace
}  // namespace tests

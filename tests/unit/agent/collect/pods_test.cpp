// This node's pods as the collector reads them: which cgroup is which container, and what follows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/collect/pod_reader.h"
#include "agent/collect/sources.h"
#include "unit/agent/manual_clock.h"
#include "unit/agent/scratch_tree.h"

namespace agent::collect {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kWeb(64, 'a');
const std::string kProxy(64, 'b');
constexpr const char* kPod = "sys/fs/cgroup/kubepods/burstable/pod3a-1f";

void Use(const tests::ScratchTree& tree, const std::string& cgroup, int cpu_seconds,
         int oom_kills = 0) {
  tree.Write(cgroup + "/cpu.stat", "usage_usec " + std::to_string(cpu_seconds) + "000000\n");
  tree.Write(cgroup + "/memory.current", "100\n");
  tree.Write(cgroup + "/memory.max", "400\n");
  tree.Write(cgroup + "/memory.stat", "inactive_file 20\n");
  tree.Write(cgroup + "/memory.events", "oom_kill " + std::to_string(oom_kills) + "\n");
}

kubernetes::PodsView OnePod() {
  kubernetes::PodsView view;
  view.pods.push_back({"shops",
                       "web-0",
                       "web",
                       "3a-1f",
                       {{kWeb, "web", 2, common::WallTime()}, {kProxy, "proxy", 0, {}}}});
  view.workloads[{"shops", "web", "web"}].restarts = {0, 7, 0, 0, 0, 0};
  view.workloads[{"shops", "web", "web"}].oom_kills = 4;
  view.waiting[{{"shops", "web", "web"}, "CrashLoopBackOff"}] = 1;
  return view;
}

class NodeWithAPod : public ::testing::Test {
 protected:
  NodeWithAPod() {
    Use(tree_, kPod, 12, 3);
    Use(tree_, std::string(kPod) + "/" + kWeb, 5, 1);
    Use(tree_, std::string(kPod) + "/" + kProxy, 4);
  }

  std::unique_ptr<Sources> Open() {
    SourceOptions options;
    options.root = tree_.Path();
    options.pods = PodSource{
        .latest = [this] { return std::make_shared<kubernetes::PodsView>(view_); },
        .observe = [this](kubernetes::OomKillCounts kills) { kills_ = std::move(kills); }};
    auto sources = Sources::Open(std::move(options), clock_);
    EXPECT_TRUE(sources);
    return std::move(*sources);
  }

  Snapshot Read() {
    const auto sources = Open();
    sources->ReadSignals();
    return sources->Take();
  }

  tests::ScratchTree tree_{{"proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"},
                           {"sys/fs/cgroup/cgroup.controllers", "cpu memory\n"}};
  tests::ManualClock clock_;
  kubernetes::PodsView view_ = OnePod();
  kubernetes::OomKillCounts kills_;
};

TEST_F(NodeWithAPod, IsReadContainerByContainerAndAsAWhole) {
  const auto snapshot = Read();
  ASSERT_THAT(snapshot.pod_containers, SizeIs(2));
  const auto& web = snapshot.pod_containers[0].container;
  EXPECT_EQ(web.workload, (runtime::WorkloadKey{"shops", "web", "web"}));
  EXPECT_EQ(web.id, (runtime::ContainerId{"web-0", 2}));
  EXPECT_EQ(snapshot.pod_containers[0].sample.cpu_seconds, 5);
  ASSERT_THAT(snapshot.pods, SizeIs(1));
  EXPECT_EQ(snapshot.pods[0].container.id.replica, "web-0");
  EXPECT_EQ(snapshot.pods[0].sample.cpu_seconds, 12) << "with lives that have ended";
  EXPECT_THAT(snapshot.containers, IsEmpty());
}

TEST_F(NodeWithAPod, TellsWhatIsCountedByWorkload) {
  const auto snapshot = Read();
  ASSERT_THAT(snapshot.workloads, SizeIs(1));
  EXPECT_EQ(snapshot.workloads[0].restarts[1], 7U);
  EXPECT_EQ(snapshot.workloads[0].oom_kills_total, 4U);
  EXPECT_EQ(snapshot.waiting, view_.waiting);
}

TEST_F(NodeWithAPod, GivesBackWhatTheCgroupsCount) {
  Read();
  const kubernetes::OomKillCounts expected{.containers = {{kWeb, 1}, {kProxy, 0}},
                                           .pods = {{"3a-1f", 3}}};
  EXPECT_EQ(kills_, expected);
}

TEST_F(NodeWithAPod, SaysWhetherThePodsAreKnown) {
  const auto health = [](const Snapshot& snapshot, const std::string& name) {
    for (const auto& each : snapshot.collectors) {
      if (each.collector == name) {
        return std::optional(each);
      }
    }
    return std::optional<CollectorHealth>();
  };
  EXPECT_TRUE(health(Read(), "pods")->success);
  EXPECT_EQ(health(Read(), "pods")->sampled_at, clock_.Monotonic());
  EXPECT_FALSE(health(Read(), "pod_events")) << "nothing was asked";
  view_.hearing.problem = "no route";
  view_.events = kubernetes::Hearing{"403", {}};
  EXPECT_FALSE(health(Read(), "pods")->success);
  EXPECT_EQ(health(Read(), "pods")->sampled_at, std::nullopt);
  EXPECT_FALSE(health(Read(), "pod_events")->success);
  EXPECT_THAT(Read().pods, SizeIs(1)) << "as last seen";
}

TEST_F(NodeWithAPod, WithV1OnlyTheContainersOwnKillsAreKnown) {
  cgroup::Hierarchies hierarchies;
  hierarchies.memory = cgroup::Controller{"/sys/fs/cgroup/memory", false};
  const auto pod = std::string("sys/fs/cgroup/memory/kubepods/burstable/pod3a-1f");
  for (const auto& cgroup : {pod, pod + "/" + kWeb}) {
    tree_.Write(cgroup + "/memory.usage_in_bytes", "100\n");
    tree_.Write(cgroup + "/memory.limit_in_bytes", "400\n");
    tree_.Write(cgroup + "/memory.stat", "total_inactive_file 20\n");
    tree_.Write(cgroup + "/memory.oom_control", "oom_kill 2\n");
  }
  PodReader reader(tree_.Path(), {});
  ASSERT_TRUE(reader.Read(view_, hierarchies, clock_.Monotonic()));
  EXPECT_EQ(reader.Kills(), (kubernetes::OomKillCounts{.containers = {{kWeb, 2}}, .pods = {}}));
}

TEST_F(NodeWithAPod, ANewContainerIsFoundAndOneThatIsNotThereIsNotLookedForAllTheTime) {
  const auto sources = Open();
  sources->ReadSignals();
  const std::string late(64, 'c');
  view_.pods[0].containers.push_back({late, "late", 0, {}});
  clock_.Advance(std::chrono::seconds(1));
  sources->ReadSignals();
  EXPECT_THAT(sources->Take().pod_containers, SizeIs(2));
  Use(tree_, std::string(kPod) + "/" + late, 1);
  sources->ReadSignals();
  EXPECT_THAT(sources->Take().pod_containers, SizeIs(2)) << "not so soon";
  clock_.Advance(std::chrono::seconds(2));
  sources->ReadSignals();
  EXPECT_THAT(sources->Take().pod_containers, SizeIs(3));
}

TEST_F(NodeWithAPod, AContainerThatHasGoneIsNoFailure) {
  tree_.Remove(std::string(kPod) + "/" + kWeb);
  const auto snapshot = Read();
  EXPECT_THAT(snapshot.pod_containers, SizeIs(1));
  EXPECT_TRUE(snapshot.collectors[0].success);
}

}  // namespace
}  // namespace agent::collect

#include "agent/collect/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "agent/collect/health.h"
#include "common/lifecycle/record.h"
#include "unit/agent/manual_clock.h"
#include "unit/agent/scratch_tree.h"
#include "unit/common/haproxy/fake_socket.h"

namespace agent::collect {
namespace {

using common::lifecycle::EndReason;
using common::lifecycle::Event;
using common::lifecycle::Record;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::shared_ptr<const requests::TenantRegistry> OneShop() {
  return *requests::TenantRegistry::Make({{.id = "shop-01", .hosts = {"shop-01.test"}}});
}

std::string Line(Event event, std::optional<EndReason> reason = {}) {
  Record record;
  record.event = event;
  record.name_space = "local";
  record.workload = "shop-01";
  record.container = "shop";
  record.replica = event == Event::kDeclared ? "" : "shop-01-1";
  record.cgroup = event == Event::kStart ? "trimtab/shop-01-1" : "";
  record.reason = reason;
  return common::lifecycle::Encode(record);
}

std::string Request(int status) {
  return "t1 1763690000.123 " + std::to_string(status) + " 12 10 20 shop-01 -- shop-01.test\n";
}

const CollectorHealth& HealthOf(const Snapshot& snapshot, const std::string& collector) {
  for (const auto& health : snapshot.collectors) {
    if (health.collector == collector) {
      return health;
    }
  }
  static const CollectorHealth none{"none"};
  ADD_FAILURE() << "no collector " << collector;
  return none;
}

/// A machine with one v2 container, its records, and an access log.
class MachineWithAShop : public ::testing::Test {
 protected:
  MachineWithAShop() {
    tree_.Write("lifecycle.jsonl", Line(Event::kDeclared) + Line(Event::kStart));
    tree_.Write("access.log", Request(200));
  }

  std::unique_ptr<Sources> Open() {
    options_.root = tree_.Path();
    options_.lifecycle = tree_.Path() / "lifecycle.jsonl";
    options_.access_log = tree_.Path() / "access.log";
    options_.checkpoint = tree_.Path() / "checkpoint";
    options_.tenants = OneShop();
    auto sources = Sources::Open(options_, clock_);
    EXPECT_TRUE(sources) << sources.error().what;
    return std::move(*sources);
  }

  tests::ScratchTree tree_{{"proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"},
                           {"proc/stat", "cpu 100 0 0 300\n"},
                           {"sys/fs/cgroup/cgroup.controllers", "cpu memory\n"},
                           {"sys/fs/cgroup/trimtab/shop-01-1/cpu.stat", "usage_usec 5000000\n"},
                           {"sys/fs/cgroup/trimtab/shop-01-1/memory.current", "100\n"},
                           {"sys/fs/cgroup/trimtab/shop-01-1/memory.max", "400\n"},
                           {"sys/fs/cgroup/trimtab/shop-01-1/memory.stat", "inactive_file 20\n"},
                           {"sys/fs/cgroup/trimtab/shop-01-1/memory.events", "oom_kill 1\n"}};
  tests::ManualClock clock_;
  SourceOptions options_;
};

TEST_F(MachineWithAShop, IsReadWhole) {
  const auto sources = Open();
  sources->PollAccessLog();
  sources->ReadNode();
  sources->ReadSignals();
  const auto snapshot = sources->Take();

  EXPECT_EQ(snapshot.node.cpu->seconds[3], 3);
  ASSERT_THAT(snapshot.containers, SizeIs(1));
  EXPECT_EQ(snapshot.containers[0].sample.cpu_seconds, 5);
  ASSERT_THAT(snapshot.workloads, SizeIs(1));
  EXPECT_EQ(snapshot.workloads[0].oom_kills_total, 1U);
  ASSERT_THAT(snapshot.tenants, SizeIs(3));
  EXPECT_EQ(snapshot.tenants[0].counters.requests_total, 1U);
  EXPECT_EQ(snapshot.tenants[0].proxy, std::nullopt);
  EXPECT_FALSE(snapshot.tenants[1].IsRegistered());
  EXPECT_EQ(snapshot.not_ready, "");
}

TEST_F(MachineWithAShop, OfAPartOfItOnlyTheContainersBelowAreTold) {
  options_.slice = "trimtab";
  auto inside = Open();
  inside->ReadNode();
  inside->ReadSignals();
  const auto snapshot = inside->Take();
  EXPECT_THAT(snapshot.containers, SizeIs(1));
  EXPECT_THAT(snapshot.workloads, IsEmpty()) << "counters must not end with a node";
  EXPECT_FALSE(snapshot.node.cpu) << "that is the machine's";
  options_.slice = "trim";
  auto outside = Open();
  outside->ReadSignals();
  EXPECT_THAT(outside->Take().containers, IsEmpty());
}

TEST_F(MachineWithAShop, APartOfItHasAtMostWhatTheMachineHas) {
  tree_.Write("proc/stat", "cpu 100 0 0 300\ncpu0 100 0 0 300\ncpu1 0 0 0 0\n");
  tree_.Write("proc/meminfo", "MemTotal: 1 kB\nMemFree: 1 kB\nMemAvailable: 1 kB\n");
  const std::string slice = "sys/fs/cgroup/trimtab/";
  tree_.Write(slice + "cpu.stat", "user_usec 3000000\nsystem_usec 1000000\nthrottled_usec 500\n");
  tree_.Write(slice + "cpu.max", "50000 100000\n");
  for (const auto* const file : {"memory.current", "memory.max", "memory.stat", "memory.events"}) {
    tree_.Write(slice + file, *common::FileSystem(tree_.Path()).Read(slice + "shop-01-1/" + file));
  }
  options_.slice = "trimtab";
  const auto read = [&] {
    auto sources = Open();
    sources->ReadNode();
    const auto snapshot = sources->Take();
    EXPECT_TRUE(HealthOf(snapshot, "slice").success);
    return snapshot.node.slice.value_or(cgroup::SliceSample());
  };
  const auto limited = read();
  EXPECT_EQ(limited.cpu, (cgroup::CpuTimes{.user_seconds = 3, .system_seconds = 1}));
  EXPECT_EQ(limited.cpu_cores, 0.5);
  EXPECT_EQ(limited.memory_bytes, 400U);
  tree_.Write(slice + "cpu.max", "max 100000\n");
  tree_.Write(slice + "memory.max", "max\n");
  const auto unlimited = read();
  EXPECT_EQ(unlimited.cpu_cores, 2);
  EXPECT_EQ(unlimited.memory_bytes, 1024U);
}

TEST_F(MachineWithAShop, APartOfItThatIsNotThereFailsItsCollector) {
  options_.slice = "gone";
  auto sources = Open();
  sources->ReadNode();
  EXPECT_FALSE(HealthOf(sources->Take(), "slice").success);
  EXPECT_FALSE(sources->Take().node.slice);
}

TEST_F(MachineWithAShop, MayCountByWorkloadAndLeaveTheContainersToOthers) {
  options_.tell_containers = false;
  auto sources = Open();
  sources->ReadSignals();
  const auto snapshot = sources->Take();
  EXPECT_THAT(snapshot.containers, IsEmpty());
  EXPECT_THAT(snapshot.workloads, SizeIs(1));
}

TEST_F(MachineWithAShop, TellsWhatTheCloudSays) {
  const interruption::Notice notice{interruption::Kind::kSpot,
                                    common::WallTime(std::chrono::seconds(1))};
  EXPECT_FALSE(Open()->Take().notices) << "nobody is asked";
  options_.watched = [&] {
    return interruption::Watched{
        .notices = {notice}, .success = true, .seconds = 0.5, .looked_at = clock_.Monotonic()};
  };
  const auto snapshot = Open()->Take();
  EXPECT_EQ(snapshot.notices, interruption::Notices{notice});
  EXPECT_TRUE(HealthOf(snapshot, "interruption").success);
  EXPECT_EQ(HealthOf(snapshot, "interruption").sampled_at, clock_.Monotonic());
}

TEST_F(MachineWithAShop, WithoutAMemoryTableItSaysWhichCollectorFails) {
  const auto sources = Open();
  sources->ReadNode();
  const auto snapshot = sources->Take();

  EXPECT_TRUE(HealthOf(snapshot, "cpu").success);
  EXPECT_FALSE(HealthOf(snapshot, "memory").success);
  EXPECT_EQ(HealthOf(snapshot, "memory").sampled_at, std::nullopt);
  EXPECT_EQ(snapshot.node.memory, std::nullopt);
}

TEST_F(MachineWithAShop, ALateCollectorServesItsLastValues) {
  const auto sources = Open();
  sources->ReadNode();
  const auto before = clock_.Monotonic();
  tree_.Remove("proc/stat");
  clock_.Advance(std::chrono::seconds(5));
  sources->ReadNode();
  const auto snapshot = sources->Take();

  EXPECT_TRUE(snapshot.node.cpu.has_value());
  EXPECT_FALSE(HealthOf(snapshot, "cpu").success);
  EXPECT_EQ(HealthOf(snapshot, "cpu").sampled_at, before);
}

TEST_F(MachineWithAShop, AContainerThatHasGoneIsNoFailure) {
  const auto sources = Open();
  tree_.Remove("sys/fs/cgroup/trimtab");
  sources->ReadSignals();
  const auto snapshot = sources->Take();

  EXPECT_THAT(snapshot.containers, IsEmpty());
  EXPECT_TRUE(HealthOf(snapshot, "cgroups").success);
}

TEST_F(MachineWithAShop, KillsOutliveTheContainer) {
  const auto sources = Open();
  sources->ReadSignals();
  tree_.Remove("sys/fs/cgroup/trimtab");
  tree_.Append("lifecycle.jsonl", Line(Event::kEnd, EndReason::kOomKilled));
  sources->ReadSignals();
  const auto snapshot = sources->Take();

  EXPECT_EQ(snapshot.workloads[0].oom_kills_total, 1U);
  EXPECT_EQ(snapshot.workloads[0].restarts[0], 1U);
}

TEST_F(MachineWithAShop, ARequestOfAQuietTenantIsUrgent) {
  const auto sources = Open();
  sources->PollAccessLog();
  sources->ReadSignals();

  EXPECT_FALSE(sources->PollAccessLog().urgent);
  tree_.Append("access.log", Request(503));
  EXPECT_TRUE(sources->PollAccessLog().urgent);
}

TEST_F(MachineWithAShop, ARestartContinuesFromTheCheckpoint) {
  {
    const auto sources = Open();
    sources->PollAccessLog();
    ASSERT_TRUE(sources->SaveCheckpoint());
  }
  tree_.Append("access.log", Request(503));

  const auto sources = Open();
  sources->PollAccessLog();
  sources->ReadSignals();

  EXPECT_EQ(sources->Take().tenants[0].counters.requests_total, 2U);
  EXPECT_EQ(sources->Take().tenants[0].counters.errors_total, 1U);
}

TEST_F(MachineWithAShop, TheProxyTellsArrivals) {
  common::haproxy::FakeSocket socket([](int peer) {
    common::haproxy::ReadLine(peer);
    const std::string answer =
        "# pxname,svname,qcur,scur,stot,status\nshop-01,BACKEND,1,3,40,UP\n\n";
    EXPECT_EQ(::write(peer, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
  });
  options_.haproxy_socket = socket.Path();
  const auto sources = Open();
  sources->ReadSignals();
  const auto snapshot = sources->Take();

  EXPECT_TRUE(HealthOf(snapshot, "haproxy").success);
  EXPECT_EQ(snapshot.tenants[0].proxy,
            (ProxySnapshot{.arrivals_total = 0, .in_flight = 2, .queued = 1}));
}

TEST_F(MachineWithAShop, AProxyThatIsDownFailsItsCollectorOnly) {
  options_.haproxy_socket = tree_.Path() / "no.sock";
  const auto sources = Open();
  sources->ReadSignals();
  const auto snapshot = sources->Take();

  EXPECT_FALSE(HealthOf(snapshot, "haproxy").success);
  EXPECT_TRUE(HealthOf(snapshot, "cgroups").success);
  EXPECT_EQ(snapshot.tenants[0].proxy, ProxySnapshot{});
}

TEST(SourcesOfNothing, AreFine) {
  const tests::ScratchTree tree{};
  const tests::ManualClock clock;
  const auto sources = Sources::Open({.root = tree.Path()}, clock);
  ASSERT_TRUE(sources) << sources.error().what;

  (*sources)->PollAccessLog();
  (*sources)->ReadSignals();

  EXPECT_EQ((*sources)->AccessLogDescriptor(), -1);
  EXPECT_THAT((*sources)->Take().tenants, IsEmpty());
  EXPECT_THAT((*sources)->Take().collectors, IsEmpty());
}

}  // namespace
}  // namespace agent::collect

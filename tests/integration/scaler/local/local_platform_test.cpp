#include "scaler/local/local_platform.h"

#include <gmock/gmock.h>

#include <csignal>
#include <iostream>
#include <string>
#include <thread>

#include "integration/scaler/local/visitors.h"
#include "integration/scaler/local/world.h"

namespace scaler::local {
namespace {

using common::lifecycle::EndReason;
using common::lifecycle::Event;
using platform::Phase;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class LocalPlatformTest : public ::testing::Test {
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

  void OpenWithReady(int replicas, const Spec& spec) {
    world_.OpenPlatform(spec);
    world_.Scale(replicas);
    ASSERT_TRUE(world_.Until([&] { return world_.AllReady(replicas); }));
  }
  void OpenWithReady(int replicas) { OpenWithReady(replicas, world_.DefaultSpec()); }

  World world_;
};

TEST_F(LocalPlatformTest, LosesNoRequestByScaling) {
  world_.OpenPlatform(world_.DefaultSpec());
  Visitors visitors(world_.Port(), 8);

  world_.Scale(2);
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2); }));
  world_.RunFor(milliseconds(200));  // for the answers that are still under way to their reader
  const auto waking = visitors.Take();
  EXPECT_THAT(waking.lost, IsEmpty());
  EXPECT_GT(waking.Of(503), 0) << "nobody was there at first";

  for (int round = 0; round < 3; ++round) {
    world_.RunFor(milliseconds(300));
    world_.Scale(1);
    ASSERT_TRUE(world_.Until([&] { return world_.AllReady(1); }));
    world_.RunFor(milliseconds(300));
    world_.Scale(2);
    ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2); }));
  }
  world_.Scale(1);
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(1); }));
  const auto serving = visitors.Take();
  EXPECT_THAT(serving.lost, IsEmpty());
  EXPECT_THAT(serving.by_status, UnorderedElementsAre(Key(200)));
  EXPECT_GT(serving.Of(200), 200);
  EXPECT_GE(serving.by_body.size(), 2U) << "two replicas shared the load";

  world_.Scale(0);
  ASSERT_TRUE(world_.Until([&] { return world_.Replicas().empty(); }));
  world_.RunFor(milliseconds(200));
  const auto ending = visitors.Take();
  EXPECT_THAT(ending.lost, IsEmpty());
  for (const auto& [status, count] : ending.by_status) {
    EXPECT_TRUE(status == 200 || status == 503) << status << " came " << count << " times";
  }
  for (const auto& end : world_.Ends()) {
    EXPECT_EQ(end.reason, EndReason::kScaledDown);
    EXPECT_EQ(end.exit_code, 0) << "it was not killed";
  }
  world_.Stop();
  EXPECT_THAT(world_.Servers(), IsEmpty());
  EXPECT_THAT(world_.LeftBehind(), IsEmpty());
}

TEST_F(LocalPlatformTest, RecordsEachEndUnderItsReason) {
  OpenWithReady(1);
  using How = engine::Pod::End;
  EXPECT_FALSE(world_.Replicas().front().last_end);
  EXPECT_EQ(world_.Platform().List().front()->memory_limit_bytes, 48 << 20);
  const auto end_by = [&](const std::string& path, std::size_t ends, How how) {
    Poke(world_.PortOf("shop-1"), path);
    ASSERT_TRUE(world_.Until([&] { return world_.Ends().size() == ends; })) << path;
    // The end may be on disk before the platform has noticed it.
    ASSERT_TRUE(world_.Until([&] {
      return world_.AllReady(1) && world_.Replicas().front().restarts == ends;
    })) << path;
    const auto last = world_.Replicas().front().last_end;
    ASSERT_TRUE(last) << path;
    EXPECT_EQ(last->how, how) << path;
    EXPECT_LT(std::chrono::steady_clock::now() - last->at, std::chrono::seconds(20)) << path;
  };

  ASSERT_NO_FATAL_FAILURE(end_by("/hang", 1, How::kHealthCheck));
  ASSERT_NO_FATAL_FAILURE(end_by("/crash", 2, How::kError));
  ASSERT_NO_FATAL_FAILURE(end_by("/leak", 3, How::kOutOfMemory));

  const auto ends = world_.Ends();
  ASSERT_THAT(ends, SizeIs(3));
  EXPECT_EQ(ends[0].reason, EndReason::kHealthCheck);
  EXPECT_EQ(ends[0].signal, SIGKILL) << "it did not listen to SIGTERM";
  EXPECT_EQ(ends[1].reason, EndReason::kAppError);
  EXPECT_EQ(ends[1].signal, SIGABRT);
  EXPECT_EQ(ends[2].reason, EndReason::kOomKilled);
  EXPECT_EQ(ends[2].signal, SIGKILL);
  for (std::uint32_t i = 0; i < ends.size(); ++i) {
    EXPECT_EQ(ends[i].replica, "shop-1") << "it starts again under its own name";
    EXPECT_EQ(ends[i].attempt, i);
  }
  EXPECT_EQ(world_.Replicas().front().restarts, 3U);
  EXPECT_THAT(world_.Servers(), ElementsAre("shop-1 no check"));
}

TEST_F(LocalPlatformTest, DeclaresAWorkloadOnceBeforeItsFirstStart) {
  OpenWithReady(1);
  world_.DropPlatform();
  OpenWithReady(1);

  const auto records = world_.Lifecycle();
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].event, Event::kDeclared);
  EXPECT_EQ(records[0].workload, "shop");
  EXPECT_EQ(records[1].event, Event::kStart);
  EXPECT_EQ(records[1].replica, "shop-1");
  EXPECT_THAT(records[1].cgroup, ::testing::EndsWith("/shop-1.0"));
}

TEST_F(LocalPlatformTest, ACrashedReplicaGetsNoRequestsWhileItWaits) {
  auto spec = world_.DefaultSpec();
  spec.workloads[0].restart.initial_back_off = seconds(30);
  OpenWithReady(2, spec);

  Poke(world_.PortOf("shop-1"), "/crash");
  ASSERT_TRUE(world_.Until([&] { return world_.Count(Phase::kBackOff) == 1; }));
  ASSERT_TRUE(world_.Until([&] { return world_.Servers().size() == 1; }));

  Visitors visitors(world_.Port(), 4);
  world_.RunFor(milliseconds(300));
  const auto count = visitors.Take();
  EXPECT_THAT(count.lost, IsEmpty());
  EXPECT_THAT(count.by_status, UnorderedElementsAre(Key(200)));
}

TEST_F(LocalPlatformTest, AddsTheServersAgainWhenHaproxyIsAnotherProcess) {
  OpenWithReady(2);

  world_.KillHaproxy();
  world_.RunFor(milliseconds(100));
  world_.StartHaproxy();

  EXPECT_TRUE(world_.Until([&] { return world_.Servers().size() == 2; }));
  EXPECT_EQ(Visit(world_.Port(), "/"), 200);
  EXPECT_TRUE(world_.AllReady(2)) << "the replicas themselves had nothing to do with it";
}

TEST_F(LocalPlatformTest, ScalesAndStopsWithoutHaproxy) {
  OpenWithReady(2);
  world_.KillHaproxy();

  world_.Scale(1);
  EXPECT_TRUE(world_.Until([&] { return world_.AllReady(1); }, seconds(2)))
      << "nobody could send it anything: no need to wait";
  world_.Stop();

  EXPECT_THAT(world_.LeftBehind(), IsEmpty());
}

TEST_F(LocalPlatformTest, ANewPlatformAdoptsWhatTheOldOneStarted) {
  OpenWithReady(2);
  Visitors visitors(world_.Port(), 4);
  const auto before = world_.Replicas();

  world_.DropPlatform();
  world_.RunFor(milliseconds(200));
  world_.OpenPlatform(world_.DefaultSpec());
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2); }));

  const auto after = world_.Replicas();
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(after[i].id, before[i].id);
    EXPECT_EQ(after[i].address, before[i].address);
    EXPECT_EQ(after[i].restarts, 0U);
  }
  const auto count = visitors.Take();
  EXPECT_THAT(count.lost, IsEmpty());
  EXPECT_THAT(count.by_status, UnorderedElementsAre(Key(200)));
  EXPECT_THAT(world_.Ends(), IsEmpty());

  world_.Scale(0);
  EXPECT_TRUE(world_.Until([&] { return world_.Replicas().empty(); }))
      << "the adopted can be scaled down like any other";
  EXPECT_THAT(world_.Ends(), SizeIs(2));
}

TEST_F(LocalPlatformTest, WhatEndedWithoutAScalerIsSeenByTheNext) {
  OpenWithReady(2);
  const int port = world_.PortOf("shop-1");
  world_.DropPlatform();
  Poke(port, "/crash");
  ASSERT_TRUE(world_.Until([&] { return world_.Ends().size() == 1; })) << "its shim records it";

  world_.OpenPlatform(world_.DefaultSpec());
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2); }));

  std::uint32_t restarts = 0;
  for (const auto& replica : world_.Replicas()) {
    restarts += replica.restarts;
  }
  EXPECT_EQ(restarts, 1U);
  EXPECT_THAT(world_.Ends(), SizeIs(1)) << "nobody records it again";
}

TEST_F(LocalPlatformTest, AKilledShimTakesItsReplicaAlongAndIsNoticed) {
  OpenWithReady(1);
  ASSERT_TRUE(world_.Until([&] { return world_.Lifecycle().size() == 2; })) << "its start";
  const auto shim = world_.ShimOf("shop-1");
  ASSERT_GT(shim, 0);

  ::kill(shim, SIGKILL);
  ASSERT_TRUE(world_.Until([&] { return world_.Ends().size() == 1; }));

  EXPECT_EQ(world_.Ends().front().reason, EndReason::kUnknown);
  EXPECT_TRUE(world_.Until([&] { return world_.AllReady(1); })) << "and starts again";
}

TEST_F(LocalPlatformTest, ADrainingReplicaIsTakenBack) {
  auto spec = world_.DefaultSpec();
  spec.workloads[0].grace_period = seconds(10);
  spec.workloads[0].health.timeout = seconds(5);
  OpenWithReady(2, spec);
  std::thread stuck([&] { Visit(world_.Port(), "/slow"); });
  std::thread stuck_too([&] { Visit(world_.Port(), "/slow"); });
  world_.RunFor(milliseconds(100));

  world_.Scale(1);
  ASSERT_TRUE(world_.Until([&] { return world_.Count(Phase::kDraining) == 1; }));
  world_.RunFor(milliseconds(200));
  EXPECT_EQ(world_.Count(Phase::kDraining), 1) << "it has a request left";
  world_.Scale(2);
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2); }));
  stuck.join();
  stuck_too.join();

  EXPECT_THAT(world_.Ends(), IsEmpty());
  EXPECT_THAT(world_.Replicas(), ElementsAre(::testing::Field(&platform::Replica::id, "shop-1"),
                                             ::testing::Field(&platform::Replica::id, "shop-2")));
  EXPECT_THAT(world_.Servers(), ElementsAre("shop-1 no check", "shop-2 no check"));
}

TEST_F(LocalPlatformTest, ScalesUpAndDownInOneBreath) {
  OpenWithReady(1);
  Visitors visitors(world_.Port(), 4);

  for (const int replicas : {3, 1, 2, 0, 4, 1, 3, 2}) {
    world_.Scale(replicas);
    world_.RunFor(milliseconds(30));
  }
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2); }));

  const auto count = visitors.Take();
  EXPECT_THAT(count.lost, IsEmpty());
  for (const auto& [status, number] : count.by_status) {
    EXPECT_TRUE(status == 200 || status == 503) << status << " came " << number << " times";
  }
}

TEST_F(LocalPlatformTest, AWorkloadThatIsNoLongerConfiguredIsLetGo) {
  OpenWithReady(2);
  world_.DropPlatform();
  auto spec = world_.DefaultSpec();
  spec.workloads.clear();

  world_.OpenPlatform(spec);

  EXPECT_TRUE(world_.Until([&] { return world_.Ends().size() == 2; }));
  EXPECT_THAT(world_.Platform().List(), IsEmpty());
  world_.Stop();
  EXPECT_THAT(world_.LeftBehind(), IsEmpty());
}

TEST_F(LocalPlatformTest, SaysWhyNothingStarts) {
  auto spec = world_.DefaultSpec();
  spec.workloads[0].command = {"/nonexistent/shop"};
  spec.workloads[0].replicas = 1;
  world_.OpenPlatform(spec);

  ASSERT_TRUE(world_.Until([&] { return world_.Count(Phase::kBackOff) == 1; }));

  EXPECT_THAT(world_.Platform().List().at(0)->problem, ::testing::HasSubstr("exit code 127"));
  EXPECT_TRUE(world_.Until([&] { return world_.Ends().size() >= 3; })) << "it tries again";
}

TEST_F(LocalPlatformTest, SaysThatHaproxyHasNoSuchBackend) {
  auto spec = world_.DefaultSpec();
  spec.workloads[0].backend = "nowhere";
  spec.workloads[0].replicas = 1;
  world_.OpenPlatform(spec);

  EXPECT_TRUE(world_.Until([&] {
    return world_.Platform().List().at(0)->problem.find("nowhere/shop-1") != std::string::npos;
  }));
  EXPECT_EQ(world_.Count(Phase::kReady), 0);
  world_.Stop();
  EXPECT_THAT(world_.LeftBehind(), IsEmpty());
}

TEST_F(LocalPlatformTest, KeepsReplicasIfTold) {
  auto spec = world_.DefaultSpec();
  spec.on_exit = OnExit::kKeep;
  OpenWithReady(1, spec);

  world_.Stop();
  world_.DropPlatform();

  EXPECT_EQ(Visit(world_.Port(), "/"), 200);
}

TEST_F(LocalPlatformTest, StartsWhatWasRunningWhenItWasStopped) {
  OpenWithReady(2);
  world_.Stop();
  EXPECT_THAT(world_.LeftBehind(), IsEmpty());
  world_.DropPlatform();

  world_.OpenPlatform(world_.DefaultSpec());

  EXPECT_TRUE(world_.Until([&] { return world_.AllReady(2); }));
}

TEST_F(LocalPlatformTest, RunsWithoutCgroupsWhereItMayNotMakeThem) {
  auto spec = world_.DefaultSpec();
  spec.workloads[0].replicas = 1;
  world_.OpenPlatform(spec, world_.Directory());  // no /proc there, and so no mounts

  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(1); }));
  world_.Stop();

  ASSERT_THAT(world_.Ends(), SizeIs(1));
  EXPECT_EQ(world_.Ends().front().cgroup, "");
  EXPECT_EQ(world_.Ends().front().reason, EndReason::kScaledDown);
  EXPECT_THAT(world_.LeftBehind(), IsEmpty());
}

TEST_F(LocalPlatformTest, TwoPlatformsDoNotShareAStateDirectory) {
  OpenWithReady(0);
  common::IoLoop loop;
  LocalOptions options;
  options.state = world_.Directory() / "state";

  const auto second = LocalPlatform::Open(loop, world_.DefaultSpec(), options);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, std::errc::resource_unavailable_try_again);
}

}  // namespace
}  // namespace scaler::local

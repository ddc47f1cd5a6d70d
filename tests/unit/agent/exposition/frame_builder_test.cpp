#include "agent/exposition/frame_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace agent::exposition {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

collect::TenantSnapshot Tenant(std::string name, std::uint64_t requests) {
  collect::TenantSnapshot tenant;
  tenant.counters.tenant = std::move(name);
  tenant.counters.requests_total = requests;
  return tenant;
}

collect::ContainerSnapshot Container(std::string replica, double cpu_seconds,
                                     std::uint32_t attempt = 0) {
  collect::ContainerSnapshot container;
  container.container.id = {std::move(replica), attempt};
  container.container.workload = {"local", "shop-01", "shop"};
  container.sample.cpu_seconds = cpu_seconds;
  container.sample.memory = cgroup::MemorySample{
      .current_bytes = 100, .limit_bytes = 400, .inactive_file_bytes = 20, .oom_kills = 1};
  return container;
}

collect::Snapshot Example() {
  collect::Snapshot snapshot;
  snapshot.sampled_at = common::WallTime(std::chrono::milliseconds(5));
  snapshot.tenants = {Tenant("shop-01", 3), Tenant("shop-02", 0), Tenant("_other", 9)};
  snapshot.containers = {Container("shop-01-1", 1.5)};
  return snapshot;
}

TEST(FrameBuilder, BeginsWithEverything) {
  auto snapshot = Example();
  snapshot.tenants[0].proxy =
      collect::ProxySnapshot{.arrivals_total = 4, .in_flight = 1, .queued = 0};
  snapshot.tenants[0].counters.errors_total = 2;
  snapshot.tenants[0].counters.latency.Observe(200);
  FrameBuilder builder({.node = "local-1"}, 17);

  const auto frame = builder.Next(snapshot, 6);

  EXPECT_EQ(frame.agent, "local-1");
  EXPECT_EQ(frame.epoch, 17U);
  EXPECT_EQ(frame.sequence, 6U);
  EXPECT_TRUE(frame.full);
  EXPECT_EQ(frame.sampled_at, snapshot.sampled_at);
  EXPECT_THAT(frame.tenants, ElementsAre(common::signal::TenantSignal{.tenant = "shop-01",
                                                                      .arrivals_total = 4,
                                                                      .completions_total = 3,
                                                                      .errors_total = 2,
                                                                      .in_flight = 1,
                                                                      .queued = 0,
                                                                      .latency = {{0, 0, 0, 1}}},
                                         common::signal::TenantSignal{.tenant = "shop-02"}));
  EXPECT_THAT(frame.containers,
              ElementsAre(common::signal::ContainerSignal{.name_space = "local",
                                                          .workload = "shop-01",
                                                          .replica = "shop-01-1",
                                                          .attempt = 0,
                                                          .cpu_seconds_total = 1.5,
                                                          .memory_working_set_bytes = 80,
                                                          .memory_limit_bytes = 400,
                                                          .oom_kills_total = 1}));
}

TEST(FrameBuilder, GoesOnWithWhatHasChanged) {
  auto snapshot = Example();
  FrameBuilder builder({.node = "local-1"}, 17);
  (void)builder.Next(snapshot, 1);

  snapshot.tenants[1].counters.requests_total = 1;
  const auto frame = builder.Next(snapshot, 2);

  EXPECT_FALSE(frame.full);
  EXPECT_THAT(frame.tenants, ElementsAre(common::signal::TenantSignal{.tenant = "shop-02",
                                                                      .completions_total = 1}));
  EXPECT_THAT(frame.containers, IsEmpty());
}

TEST(FrameBuilder, IsAHeartbeatWhereNothingHasChanged) {
  FrameBuilder builder({.node = "local-1"}, 17);
  (void)builder.Next(Example(), 1);

  const auto frame = builder.Next(Example(), 2);

  EXPECT_THAT(frame.tenants, IsEmpty());
  EXPECT_THAT(frame.containers, IsEmpty());
  EXPECT_THAT(frame.gone_containers, IsEmpty());
}

TEST(FrameBuilder, TellsOfPodsAsAWhole) {
  collect::Snapshot snapshot;
  snapshot.pod_containers = {Container("web-0", 1), Container("web-0", 2)};
  snapshot.pods = {Container("web-0", 3), Container("web-0", 4)};
  snapshot.pods[1].container.workload.name_space = "another";
  FrameBuilder builder({.node = "node-1"}, 17);

  const auto frame = builder.Next(snapshot, 1);

  ASSERT_THAT(frame.containers, SizeIs(2)) << "a name is one pod's of its namespace";
  EXPECT_EQ(frame.containers[0].cpu_seconds_total, 3);
  EXPECT_EQ(frame.containers[0].replica, "web-0");
}

TEST(FrameBuilder, NamesContainersThatHaveGoneOnce) {
  auto snapshot = Example();
  FrameBuilder builder({.node = "local-1"}, 17);
  (void)builder.Next(snapshot, 1);

  snapshot.containers = {Container("shop-01-1", 0, 1)};
  const auto frame = builder.Next(snapshot, 2);
  const auto after = builder.Next(snapshot, 3);

  EXPECT_THAT(frame.gone_containers, ElementsAre("local/shop-01-1/0"));
  EXPECT_THAT(frame.containers, SizeIs(1));
  EXPECT_THAT(after.gone_containers, IsEmpty());
}

TEST(FrameBuilder, LeavesOutContainersWithoutCpuTime) {
  auto snapshot = Example();
  snapshot.containers[0].sample.cpu_seconds.reset();

  EXPECT_THAT(FrameBuilder({.node = "local-1"}, 17).Next(snapshot, 1).containers, IsEmpty());
}

collect::Snapshot WithNotices(interruption::Notices notices) {
  collect::Snapshot snapshot;
  snapshot.sampled_at = common::WallTime(std::chrono::seconds(1000));
  snapshot.notices = std::move(notices);
  return snapshot;
}

TEST(FrameBuilder, TellsOfTheNodeAtFirstAndWheneverItsNoticesChange) {
  FrameBuilder builder({.node = "spot-a-1", .zone = "a", .pool = "spot"}, 17);
  const interruption::Notice notice{interruption::Kind::kSpot,
                                    common::WallTime(std::chrono::seconds(1120))};
  const auto first = builder.Next(WithNotices({}), 1);
  ASSERT_TRUE(first.node);
  EXPECT_EQ(first.node->name, "spot-a-1");
  EXPECT_EQ(first.node->pool, "spot");
  EXPECT_THAT(first.node->notices, IsEmpty());
  EXPECT_FALSE(builder.Next(WithNotices({}), 2).node);
  const auto third = builder.Next(WithNotices({notice}), 3);
  ASSERT_TRUE(third.node);
  ASSERT_EQ(third.node->notices.size(), 1U);
  EXPECT_EQ(third.node->notices[0].kind, "spot");
  EXPECT_EQ(third.node->notices[0].left_ms, 120'000);
  EXPECT_FALSE(builder.Next(WithNotices({notice}), 4).node);
  EXPECT_THAT(builder.Next(WithNotices({}), 5).node->notices, IsEmpty()) << "withdrawn";
}

TEST(FrameBuilder, SaysNothingOfANodeThatNobodyWatchesOver) {
  EXPECT_FALSE(FrameBuilder({.node = "local-1"}, 17).Next(collect::Snapshot{}, 1).node);
}

}  // namespace
}  // namespace agent::exposition

// The whole page of one recorded machine. Where a change of it is meant, run the test with
// TRIMTAB_UPDATE_GOLDEN=1 and read the difference.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "agent/collect/sources.h"
#include "agent/exposition/metrics.h"
#include "common/lifecycle/record.h"
#include "common/version.h"
#include "exporters/metrics_page.h"
#include "unit/agent/manual_clock.h"
#include "unit/agent/scratch_tree.h"

namespace agent::exposition {
namespace {

using common::lifecycle::EndReason;
using common::lifecycle::Event;

const std::filesystem::path kFixtures = FIXTURES_DIR;

std::string Records() {
  common::lifecycle::Record record;
  record.name_space = "local";
  record.container = "shop";
  std::string lines;
  const auto add = [&](Event event, std::string workload, std::string replica,
                       std::uint32_t attempt, std::optional<EndReason> reason = {}) {
    record.event = event;
    record.workload = std::move(workload);
    record.replica = std::move(replica);
    record.attempt = attempt;
    record.cgroup = event == Event::kStart ? "trimtab/" + record.replica : "";
    record.reason = reason;
    lines += common::lifecycle::Encode(record);
  };
  add(Event::kDeclared, "shop-01", "", 0);
  add(Event::kDeclared, "shop-02", "", 0);
  add(Event::kStart, "shop-01", "shop-01-1", 0);
  add(Event::kEnd, "shop-01", "shop-01-1", 0, EndReason::kAppError);
  add(Event::kStart, "shop-01", "shop-01-1", 1);
  return lines + "not a record\n";
}

/// The recorded /proc and cgroup trees as one machine, with two shops.
collect::Snapshot RecordedMachine(const tests::ManualClock& clock) {
  const tests::ScratchTree tree{{"lifecycle.jsonl", Records()},
                                {"access.log",
                                 "t1 1763690000.123 200 12 1000 20 shop-01 -- shop-01.test\n"
                                 "t1 1763690000.200 503 0 150 20 shop-01 SC SHOP-01.test:8080\n"
                                 "t1 1763690000.250 503 0 150 20 shop-02/<NOSRV> SC shop-02.test\n"
                                 "t1 1763690000.300 404 700 150 20 nobody -- nobody.test\n"
                                 "noise\n"}};
  const auto copy = std::filesystem::copy_options::recursive;
  std::filesystem::copy(kFixtures / "procfs/kernel_6_18", tree.Path(), copy);
  std::filesystem::copy(kFixtures / "cgroup/v1_container", tree.Path(), copy);
  collect::SourceOptions options;
  options.root = tree.Path();
  options.lifecycle = tree.Path() / "lifecycle.jsonl";
  options.access_log = tree.Path() / "access.log";
  options.haproxy_socket = tree.Path() / "no.sock";
  options.tenants = *requests::TenantRegistry::Make(
      {{.id = "shop-01", .hosts = {"shop-01.test"}}, {.id = "shop-02", .hosts = {"shop-02.test"}}});
  auto sources = collect::Sources::Open(std::move(options), clock);
  EXPECT_TRUE(sources) << sources.error().what;
  (*sources)->PollAccessLog();
  (*sources)->ReadNode();
  (*sources)->ReadSignals();
  return (*sources)->Take();
}

std::string ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(MetricsOfARecordedMachine, AreThisPage) {
  tests::ManualClock clock;
  auto snapshot = RecordedMachine(clock);
  clock.Advance(std::chrono::milliseconds(1500));
  snapshot.node.process = procfs::ProcessSample{.cpu_seconds = 1.25, .resident_bytes = 8192};

  auto page = exporters::RenderMetrics(ToFamilies(snapshot,
                                                  {.node = "local-1",
                                                   .zone = "a",
                                                   .capacity_type = "on-demand",
                                                   .instance_type = "vm",
                                                   .pool = "shops"},
                                                  clock.Monotonic()))
                  .body;
  const std::string version = std::string("version=\"") + common::kVersion;
  page.replace(page.find(version), version.size(), "version=\"VERSION");

  const auto golden = kFixtures / "agent/metrics.txt";
  if (std::getenv("TRIMTAB_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(golden) << page;
  }
  EXPECT_EQ(page, ReadWhole(golden));
}

TEST(MetricsOfANode, HaveItsPodsContainersAndWhatTheyWaitFor) {
  collect::Snapshot snapshot;
  auto& web = snapshot.pod_containers.emplace_back();
  web.container.id.replica = "web-0";
  web.container.workload = {"shops", "web", "proxy"};
  web.sample.cpu_seconds = 2.5;
  snapshot.pods = {web};
  snapshot.waiting[{{"shops", "web", "app"}, "CrashLoopBackOff"}] = 2;
  const auto page = exporters::RenderMetrics(ToFamilies(snapshot, {.node = "n"}, {})).body;
  EXPECT_THAT(page, ::testing::HasSubstr(
                        "trimtab_container_cpu_seconds_total{namespace=\"shops\",workload=\"web\","
                        "pod=\"web-0\",container=\"proxy\"} 2.5\n"));
  EXPECT_THAT(page,
              ::testing::HasSubstr("trimtab_container_waiting{namespace=\"shops\",workload=\"web\","
                                   "container=\"app\",reason=\"CrashLoopBackOff\"} 2\n"));
}

TEST(MetricsOfANode, OfAPartOfAMachineAreWhatItUsesAndMayUse) {
  collect::Snapshot snapshot;
  snapshot.node.slice = cgroup::SliceSample{
      .cpu = cgroup::CpuTimes{.user_seconds = 3, .system_seconds = 1.5},
      .throttled_seconds = 0.25,
      .cpu_cores = 0.5,
      .memory = cgroup::MemorySample{.current_bytes = 300, .inactive_file_bytes = 100},
      .memory_bytes = 1000};
  const auto page = exporters::RenderMetrics(ToFamilies(snapshot, {.node = "spot-a-1"}, {})).body;
  for (const auto* const line :
       {"trimtab_node_cpu_seconds_total{mode=\"user\"} 3\n",
        "trimtab_node_cpu_seconds_total{mode=\"system\"} 1.5\n", "trimtab_node_cpu_cores 0.5\n",
        "trimtab_node_cpu_throttled_seconds_total 0.25\n",
        "trimtab_node_memory_bytes{kind=\"total\"} 1000\n",
        "trimtab_node_memory_bytes{kind=\"free\"} 700\n",
        "trimtab_node_memory_bytes{kind=\"available\"} 800\n",
        "trimtab_node_memory_bytes{kind=\"working_set\"} 200\n"}) {
    EXPECT_THAT(page, ::testing::HasSubstr(line));
  }
}

TEST(MetricsOfANode, HaveItsNoticesForAsLongAsTheyStand) {
  const auto page = [](std::optional<interruption::Notices> notices) {
    collect::Snapshot snapshot;
    snapshot.notices = std::move(notices);
    return exporters::RenderMetrics(ToFamilies(snapshot, {.node = "spot-a-1"}, {})).body;
  };
  const auto with = page(interruption::Notices{
      {interruption::Kind::kSpot, common::WallTime(std::chrono::milliseconds(1'700'000'000'500))}});
  EXPECT_THAT(with, ::testing::HasSubstr(
                        "trimtab_node_interruption_timestamp_seconds{kind=\"spot\"} 1700000000.5"));
  const auto without = ::testing::Not(::testing::HasSubstr("interruption"));
  EXPECT_THAT(page(interruption::Notices{}), without);
  EXPECT_THAT(page(std::nullopt), without);
}

}  // namespace
}  // namespace agent::exposition

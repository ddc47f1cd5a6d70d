#include "agent/collect/collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "common/clock.h"
#include "unit/agent/scratch_tree.h"

namespace agent::collect {
namespace {

using ::testing::NotNull;

constexpr auto kPatience = std::chrono::seconds(10);

class RunningCollector : public ::testing::Test {
 protected:
  std::unique_ptr<Collector> Start(CollectorOptions options = {}) {
    SourceOptions source_options;
    source_options.root = tree_.Path();
    source_options.access_log = tree_.Path() / "access.log";
    source_options.checkpoint = tree_.Path() / "checkpoint";
    source_options.tenants =
        *requests::TenantRegistry::Make({{.id = "shop-01", .hosts = {"shop-01.test"}}});
    auto sources = Sources::Open(std::move(source_options), clock_);
    EXPECT_TRUE(sources) << sources.error().what;
    return std::make_unique<Collector>(std::move(*sources), std::move(options), clock_);
  }

  tests::ScratchTree tree_{{"proc/stat", "cpu 100 0 0 300\n"}, {"access.log", ""}};
  common::SystemClock clock_;
};

TEST_F(RunningCollector, HasASnapshotFromTheStart) {
  const auto collector = Start();

  ASSERT_THAT(collector->Latest(), NotNull());
  EXPECT_EQ(collector->Latest()->signal_number, 1U);
  EXPECT_EQ(collector->Latest()->node.cpu->seconds[3], 3);
}

TEST_F(RunningCollector, ReadsSignalsAtEveryInterval) {
  const auto collector = Start({.interval = std::chrono::milliseconds(10)});

  const auto snapshot = collector->WaitForSignals(3, kPatience);

  ASSERT_THAT(snapshot, NotNull());
  EXPECT_GT(snapshot->signal_number, 3U);
}

TEST_F(RunningCollector, TellsOfAQuietTenantsRequestLongBeforeTheInterval) {
  const auto collector = Start({.interval = std::chrono::hours(1)});
  ASSERT_THAT(collector->Latest(), NotNull());

  tree_.Append("access.log", "t1 1763690000.123 503 12 10 20 shop-01 -- shop-01.test\n");
  const auto snapshot = collector->WaitForSignals(1, kPatience);

  ASSERT_THAT(snapshot, NotNull());
  EXPECT_EQ(snapshot->tenants[0].counters.requests_total, 1U);
}

TEST_F(RunningCollector, AScrapeReadsTheNodeAgainWhenItIsOld) {
  const auto collector =
      Start({.interval = std::chrono::hours(1), .node_max_age = std::chrono::milliseconds(0)});
  const auto first = collector->Latest();
  tree_.Write("proc/stat", "cpu 100 0 0 400\n");

  const auto scraped = collector->ForScrape(kPatience);

  EXPECT_EQ(scraped->node.cpu->seconds[3], 4);
  EXPECT_EQ(scraped->signal_number, first->signal_number);
}

TEST_F(RunningCollector, AScrapeServesWhatIsFreshEnough) {
  const auto collector =
      Start({.interval = std::chrono::hours(1), .node_max_age = std::chrono::hours(1)});

  EXPECT_EQ(collector->ForScrape(kPatience), collector->Latest());
}

TEST_F(RunningCollector, NobodyWaitsLongerThanHeIsPatient) {
  const auto collector = Start({.interval = std::chrono::hours(1)});

  EXPECT_EQ(collector->WaitForSignals(1, std::chrono::milliseconds(1)), nullptr);
}

TEST_F(RunningCollector, SavesAtItsEnd) {
  int saved = 0;
  CollectorOptions options;
  options.save_oom_kills = [&](const OomKills&) {
    ++saved;
    return common::Result<void>();
  };

  Start(std::move(options)).reset();

  EXPECT_EQ(saved, 1);
  EXPECT_TRUE(std::filesystem::exists(tree_.Path() / "checkpoint"));
}

}  // namespace
}  // namespace agent::collect

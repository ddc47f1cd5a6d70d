#include "agent/requests/access_log.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "support/simulated_executor.h"
#include "unit/agent/requests/log_directory.h"

namespace agent::requests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::chrono_literals::operator""s;

std::shared_ptr<const TenantRegistry> Shops() {
  return TenantRegistry::Make({{"red", {"red.com"}, ""}, {"blue", {"blue.com"}, ""}}).value();
}

class AccessLogTest : public ::testing::Test {
 protected:
  AccessLogTest() { Start(); }

  void Start() {
    log_.reset();
    log_ = AccessLog::Open({.path = directory_.Log(),
                            .checkpoint = directory_.Checkpoint(),
                            .on_first = [this](const auto& tenant) { first_.push_back(tenant); }},
                           Shops(), clock_)
               .value();
  }

  void PollAll() {
    while (log_->Poll()) {
    }
  }

  std::uint64_t Requests(std::string_view tenant) {
    PollAll();
    for (const auto& counters : log_->Counters().tenants) {
      if (counters.tenant == tenant) {
        return counters.requests_total;
      }
    }
    ADD_FAILURE() << tenant;
    return 0;
  }

  /// Each line is another one, as the lines of a real log are.
  std::string Served(std::string_view host) {
    ++served_;
    return fmt::format("t1 {}.{:03} 200 5 100 10 b -- {}\n", 1'700'000'000 + served_ / 1000,
                       served_ % 1000, host);
  }

  tests::LogDirectory directory_;
  tests::SimulatedExecutor clock_{common::WallTime(1'700'000'000s)};
  std::unique_ptr<AccessLog> log_;
  std::vector<std::string> first_;
  int served_ = 0;
};

TEST_F(AccessLogTest, CountsRequests) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write(Served("red.com") + Served("blue.com") + Served("red.com") + "rubbish\n" + "t1 lo");
  PollAll();

  const auto counters = log_->Counters();
  EXPECT_EQ(counters.epoch, 1'700'000'000'000U);
  EXPECT_EQ(counters.tenants.at(0).requests_total, 2U);
  EXPECT_EQ(counters.tenants.at(1).requests_total, 1U);
  EXPECT_EQ(counters.source,
            (SourceHealth{.lines_total = 4, .rejected_lines_total = {1, 0, 0}, .lag_bytes = 5}));
}

TEST_F(AccessLogTest, SaysWhyItCannotRead) {
  std::filesystem::create_symlink("/etc/passwd", directory_.Log());
  PollAll();

  EXPECT_THAT(log_->Counters().source.problem, ::testing::HasSubstr("not a regular file"));
}

TEST_F(AccessLogTest, ContinuesItsCountersExactlyAfterAKill) {
  tests::LogWriter writer(directory_.Log());
  writer.Write(Served("red.com"));
  PollAll();
  ASSERT_TRUE(log_->SaveCheckpoint());
  writer.Write(Served("red.com"));
  PollAll();  // Counted, but not in the checkpoint: it is counted again, from there.
  log_.reset();
  writer.Write(Served("red.com"));
  directory_.Rotate();
  writer.Write(Served("red.com"));
  writer.Reopen();
  writer.Write(Served("red.com") + Served("blue.com"));
  clock_.RunFor(60s);
  Start();

  EXPECT_FALSE(log_->CaughtUp());
  EXPECT_EQ(Requests("red"), 5U);
  EXPECT_EQ(Requests("blue"), 1U);
  EXPECT_TRUE(log_->CaughtUp());
  EXPECT_EQ(log_->Counters().epoch, 1'700'000'000'000U);
}

TEST_F(AccessLogTest, CountsExactlyOverManyKillsAndRotations) {
  tests::LogWriter writer(directory_.Log());
  for (int round = 0; round < 60; ++round) {
    writer.Write(Served("red.com"));
    PollAll();
    if (round % 2 == 0) {
      ASSERT_TRUE(log_->SaveCheckpoint());
    }
    writer.Write(Served("blue.com"));
    if (round % 3 == 0) {
      directory_.Rotate(8);
      writer.Write(Served("red.com"));
      writer.Reopen();
    }
    if (round % 4 == 0) {
      PollAll();
    }
    if (round % 5 == 0) {
      clock_.RunFor(6s);
      Start();
    }
  }
  EXPECT_EQ(Requests("red"), 80U);
  EXPECT_EQ(Requests("blue"), 60U);
  EXPECT_EQ(log_->Counters().source.lines_total, 140U);
}

TEST_F(AccessLogTest, BeginsAtZeroWithADamagedCheckpoint) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write(Served("red.com"));
  PollAll();
  ASSERT_TRUE(log_->SaveCheckpoint());
  std::ofstream(directory_.Checkpoint()) << "trimtab-access-log 1\nrubbish";
  clock_.RunFor(60s);
  Start();

  EXPECT_EQ(Requests("red"), 1U);
  EXPECT_EQ(log_->Counters().epoch, 1'700'000'060'000U);
}

TEST_F(AccessLogTest, BeginsAtZeroWithTheCheckpointOfAnotherLog) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write(Served("red.com"));
  const auto other = directory_.Rotated(7);
  std::ofstream(other) << Served("red.com") << Served("red.com");
  auto log =
      AccessLog::Open({.path = other, .checkpoint = directory_.Checkpoint()}, Shops(), clock_)
          .value();
  log->Poll();
  ASSERT_TRUE(log->SaveCheckpoint());
  Start();

  EXPECT_EQ(Requests("red"), 1U);
}

TEST_F(AccessLogTest, AnnouncesFirstRequestsButNotThoseOfTheReplay) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write(Served("red.com"));
  PollAll();
  EXPECT_THAT(first_, IsEmpty());
  writer.Write(Served("blue.com") + Served("blue.com") + Served("red.com"));
  PollAll();
  EXPECT_THAT(first_, ElementsAre("blue"));
}

TEST_F(AccessLogTest, TakesAnotherRegistryWhileItRuns) {
  const tests::LogWriter writer(directory_.Log());
  writer.Write(Served("red.com") + Served("green.com"));
  PollAll();
  log_->UseRegistry(
      TenantRegistry::Make({{"green", {"green.com"}, ""}, {"red", {"red.com"}, ""}}).value());
  writer.Write(Served("red.com") + Served("green.com"));

  EXPECT_EQ(Requests("green"), 1U);
  EXPECT_EQ(Requests("red"), 2U);
}

}  // namespace
}  // namespace agent::requests

// A history from the real Prometheus, longer than it answers at once.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "common/clock.h"
#include "exporters/bind.h"
#include "integration/agent/requests/child_process.h"
#include "scaler/ctl/backtest_command.h"
#include "scaler/ctl/prometheus_history.h"
#include "scaler/ctl/tune_command.h"
#include "support/scratch_directory.h"

namespace scaler::ctl {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::HasSubstr;

constexpr const char* kPrometheus = "/usr/bin/prometheus";
constexpr int kMinutes = 12'000;  ///< More than a page.

class PrometheusHistory : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kPrometheus)) {
      GTEST_SKIP() << "there is no " << kPrometheus;
    }
    WriteBlocks();
    std::ofstream(Path("prometheus.yml")) << "global: {scrape_interval: 1m}\n";
    const auto socket = exporters::Bind({.host = "127.0.0.1", .port = 0});
    address_ = fmt::format("127.0.0.1:{}", exporters::BoundPort(socket->Get()).value());
    const auto arguments =
        std::vector<std::string>{kPrometheus,
                                 "--config.file=" + Path("prometheus.yml").string(),
                                 "--storage.tsdb.path=" + Path("data").string(),
                                 "--storage.tsdb.retention.time=60d",
                                 "--web.listen-address=" + address_,
                                 "--log.level=warn"};
    prometheus_.emplace(arguments, Path("prometheus.log"));
    client_.emplace(address_, std::chrono::seconds(30));
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!client_->Ready() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ASSERT_TRUE(client_->Ready());
  }

  [[nodiscard]] fs::path Path(const char* name) const { return scratch_.Path() / name; }

  /// Two tenants: one always at 50/s, the other at the number of the minute, from 0 on.
  void WriteBlocks() {
    begin_ = common::WallTime(
        std::chrono::floor<hours>(common::SystemClock().Wall() - minutes(kMinutes)));
    std::ofstream text(Path("demand.txt"));
    text << "# TYPE demand gauge\n";
    for (const char* tenant : {"calm", "rising"}) {
      for (int minute = 0; minute < kMinutes; ++minute) {
        text << fmt::format("demand{{tenant=\"{}\"}} {} {}\n", tenant, *tenant == 'c' ? 50 : minute,
                            std::chrono::duration_cast<std::chrono::seconds>(
                                (begin_ + minutes(minute)).time_since_epoch())
                                .count());
      }
    }
    text << "# EOF\n";
    text.close();
    const auto command = fmt::format("promtool tsdb create-blocks-from openmetrics {} {} > {} 2>&1",
                                     Path("demand.txt").string(), Path("data").string(),
                                     Path("promtool.log").string());
    ASSERT_EQ(std::system(command.c_str()), 0);  // NOLINT(cert-env33-c): our own words.
  }

  [[nodiscard]] std::string WritePolicy() const {
    std::ofstream(Path("policy.yaml"))
        << "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: shops}\nspec:\n"
           "  target: {name: calm}\n  replicas: {min: 1, max: 9}\n"
           "  signals: {requests: {perReplica: 100/s}}\n";
    return Path("policy.yaml");
  }

  [[nodiscard]] PrometheusOptions DemandOver(std::chrono::seconds length) const {
    PrometheusOptions options;
    const auto begin = std::chrono::duration_cast<std::chrono::seconds>(begin_.time_since_epoch());
    options.address = address_;
    options.query = "demand";
    options.from = fmt::format("{}", begin.count());
    options.to = fmt::format("{}", (begin + length - minutes(1)).count());
    return options;
  }

  tests::ScratchDirectory scratch_;
  common::WallTime begin_;
  std::string address_;
  std::optional<tests::ChildProcess> prometheus_;
  std::optional<common::prometheus::Client> client_;
};

TEST_F(PrometheusHistory, ComesWholeThoughItComesInPages) {
  auto history =
      FetchHistory(*client_, "demand", {begin_, begin_ + minutes(kMinutes - 1), minutes(1)}, "");
  ASSERT_TRUE(history) << history.error().what;
  const auto calm = (*history)->Next().value();
  const auto rising = (*history)->Next().value();
  ASSERT_TRUE(calm && rising);
  EXPECT_EQ(calm->name, "calm");
  EXPECT_EQ(rising->begin, begin_);
  EXPECT_EQ(rising->period, minutes(1));
  ASSERT_EQ(rising->rates.size(), static_cast<std::size_t>(kMinutes));
  for (int minute = 0; minute < kMinutes; ++minute) {
    ASSERT_EQ(rising->rates[static_cast<std::size_t>(minute)], minute);
  }
  EXPECT_FALSE((*history)->Next().value());
}

TEST_F(PrometheusHistory, IsPlayedByTheCommand) {
  BacktestOptions options;
  options.policies = {WritePolicy()};
  options.prometheus = DemandOver(hours(1));
  options.history.series = "calm";
  const auto done = Backtest(options);
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("1 series, 180000 requests"));

  options.prometheus.query = "demand{";
  EXPECT_EQ(Backtest(options).code, 2);
  options.prometheus.address = "127.0.0.1:1";
  EXPECT_EQ(Backtest(options).code, 1) << "nobody is there";
}

TEST_F(PrometheusHistory, TunesAsTheSameHistoryInAFileDoes) {
  constexpr auto kLength = hours(10);
  TuneOptions asked;
  asked.backtest.policies = {WritePolicy()};
  asked.backtest.json = true;
  asked.block = hours(1);
  asked.backtest.world.world.step = minutes(1);  // Coarse, as many settings are played.
  asked.overload = 0.01;
  auto read = asked;
  asked.backtest.prometheus = DemandOver(kLength);
  read.backtest.trace = Path("demand.csv");
  std::ofstream file(read.backtest.trace);
  file << "time,series,value\n";
  for (const char* tenant : {"calm", "rising"}) {
    for (int minute = 0; minute < kLength / minutes(1); ++minute) {
      file << fmt::format("{},{},{}\n",
                          std::chrono::duration_cast<std::chrono::seconds>(
                              (begin_ + minutes(minute)).time_since_epoch())
                              .count(),
                          tenant, 60 * (*tenant == 'c' ? 50 : minute));  // Requests of the minute.
    }
  }
  file.close();
  const auto from_prometheus = Tune(asked);
  auto from_file = Tune(read);
  EXPECT_EQ(from_prometheus.err, "");
  EXPECT_EQ(from_prometheus.code, from_file.code) << from_file.err;
  const auto name = from_file.out.find(read.backtest.trace);
  ASSERT_NE(name, std::string::npos) << from_file.out;
  from_file.out.replace(name, read.backtest.trace.size(), address_);
  EXPECT_EQ(from_prometheus.out, from_file.out);
  EXPECT_THAT(from_prometheus.out, HasSubstr("\"shops\""));
}

}  // namespace
}  // namespace scaler::ctl

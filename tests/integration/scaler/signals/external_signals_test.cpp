// External signals answered by the real Prometheus.
#include "scaler/signals/external_signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "common/io_loop.h"
#include "exporters/bind.h"
#include "exporters/metrics_page.h"
#include "exporters/server.h"
#include "integration/agent/requests/child_process.h"
#include "scaler/signals/prometheus_transport.h"
#include "support/scratch_directory.h"

namespace scaler::signals {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr const char* kPrometheus = "/usr/bin/prometheus";
constexpr const char* kQueue = R"(sum(queue_messages{shop="acme"}))";

/// One that nobody listens on now.
int FreePort() {
  const auto socket = exporters::Bind({.host = "127.0.0.1", .port = 0});
  return exporters::BoundPort(socket->Get()).value();
}

/// A program with two queues, a Prometheus that scrapes it five times a second, and our side.
class RealPrometheus : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kPrometheus)) {
      GTEST_SKIP() << "no Prometheus";
    }
    queues_ = exporters::Server::Start({.host = "127.0.0.1", .port = 0},
                                       {.handlers = {{"/metrics", exporters::MetricsPage([this] {
                                                        return std::vector{Queues()};
                                                      })}}})
                  .value();
    std::ofstream(scratch_.Path() / "prometheus.yml")
        << "scrape_configs:\n"
        << "- job_name: queues\n"
        << "  scrape_interval: 200ms\n"
        << "  scrape_timeout: 200ms\n"
        << "  static_configs: [{targets: ['127.0.0.1:" << queues_->Port() << "']}]\n";
    port_ = FreePort();
    StartPrometheus();
    const auto address = "127.0.0.1:" + std::to_string(port_);
    transport_ = std::make_unique<PrometheusTransport>(
        loop_, address, seconds(2), common::http::Credentials::Open({}).value(), 2);
    external_ = std::make_unique<ExternalSignals>(loop_, *transport_,
                                                  ExternalOptions{.source = address,
                                                                  .interval = milliseconds(100),
                                                                  .deadline = seconds(3),
                                                                  .at_once = 2});
  }

  void StartPrometheus() {
    const auto directory = scratch_.Path().string();
    program_ = std::make_unique<tests::ChildProcess>(
        std::vector<std::string>{kPrometheus, "--config.file=" + directory + "/prometheus.yml",
                                 "--storage.tsdb.path=" + directory + "/data",
                                 "--web.listen-address=127.0.0.1:" + std::to_string(port_),
                                 "--log.level=warn"},
        scratch_.Path() / "log");
  }

  [[nodiscard]] prometheus::MetricFamily Queues() const {
    prometheus::MetricFamily family;
    family.name = "queue_messages";
    family.type = prometheus::MetricType::Gauge;
    for (const auto* shop : {"acme", "other"}) {
      prometheus::ClientMetric metric;
      metric.label = {{"shop", shop}};
      metric.gauge.value = messages_;
      family.metric.push_back(metric);
    }
    return family;
  }

  [[nodiscard]] Input<double> ValueOf(const std::string& query) const {
    return external_->ValueOf(query, {{}, loop_.Monotonic()});
  }

  template <typename Condition>
  bool Until(Condition holds) {
    const auto end = loop_.Monotonic() + seconds(60);
    while (!holds() && loop_.Monotonic() < end) {
      loop_.Context().restart();
      loop_.Context().run_for(milliseconds(10));
    }
    return holds();
  }

  [[nodiscard]] bool Gives(double value) const {
    const auto input = ValueOf(kQueue);
    return input.sample && input.sample->value == value;
  }

  /// Everything that helps to understand a failure.
  [[nodiscard]] std::string Story() const {
    std::ostringstream text;
    text << external_->Status().problem << "\n" << std::ifstream(scratch_.Path() / "log").rdbuf();
    return text.str();
  }

  tests::ScratchDirectory scratch_;
  std::atomic<int> messages_ = 450;
  std::unique_ptr<exporters::Server> queues_;
  int port_ = 0;
  std::unique_ptr<tests::ChildProcess> program_;
  common::IoLoop loop_;
  std::unique_ptr<PrometheusTransport> transport_;
  std::unique_ptr<ExternalSignals> external_;
};

TEST_F(RealPrometheus, AnswersAgainAndAgainAndComesBackAfterItsEnd) {
  int changes = 0;
  external_->Start([&] { ++changes; });
  external_->Want({kQueue});
  ASSERT_TRUE(Until([&] { return Gives(450); })) << Story();
  EXPECT_GT(changes, 0);
  messages_ = 1100;
  ASSERT_TRUE(Until([&] { return Gives(1100); })) << Story();

  program_.reset();
  ASSERT_TRUE(Until([&] { return external_->Status().failing == 1; }));
  EXPECT_TRUE(Gives(1100)) << "the last answer stays, and ages";
  EXPECT_LT(ValueOf(kQueue).sample->at, engine::Time{});

  messages_ = 90;
  StartPrometheus();
  EXPECT_TRUE(Until([&] { return Gives(90); })) << Story();
  EXPECT_EQ(external_->Status().failing, 0U);
}

TEST_F(RealPrometheus, SaysWhyThereIsNoNumber) {
  const std::string several = "queue_messages";
  const std::string nothing = "queue_messages{shop=\"nobody\"}";
  const std::string wrong = "sum(queue_messages";
  external_->Want({kQueue, several, nothing, wrong});
  ASSERT_TRUE(Until([&] { return Gives(450) && external_->Status().failing == 3; })) << Story();
  ASSERT_TRUE(Until([&] { return ValueOf(several).why_not != ValueOf(nothing).why_not; }));

  EXPECT_EQ(ValueOf(several).why_not, "the query gives 2 series and not one; sum() them?");
  EXPECT_EQ(ValueOf(nothing).why_not, "the query gives nothing");
  EXPECT_THAT(ValueOf(wrong).why_not, HasSubstr("unclosed left parenthesis"));
  EXPECT_FALSE(ValueOf(nothing).sample);
}

}  // namespace
}  // namespace scaler::signals

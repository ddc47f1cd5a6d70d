// The real Prometheus scrapes a port with TLS and a token.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "common/prometheus/client.h"
#include "exporters/bind.h"
#include "exporters/metrics_page.h"
#include "integration/agent/requests/child_process.h"
#include "integration/exporters/tls_world.h"
#include "support/localhost.h"

namespace exporters {
namespace {

constexpr const char* kPrometheus = "/usr/bin/prometheus";

class RealPrometheus : public TlsWorld {
 protected:
  /// One that nobody listens on now.
  static int FreePort() {
    const auto socket = Bind({.host = "127.0.0.1", .port = 0});
    return BoundPort(socket->Get()).value();
  }

  void WriteConfiguration(const Server& server) const {
    std::ofstream(scratch_.Path() / "prometheus.yml")
        << "scrape_configs:\n"
        << "- job_name: trimtab\n"
        << "  scrape_interval: 200ms\n"
        << "  scrape_timeout: 200ms\n"
        << "  scheme: https\n"
        << "  authorization: {credentials_file: " << token_file_ << "}\n"
        << "  tls_config: {ca_file: " << authority_.CaFile() << "}\n"
        << "  static_configs: [{targets: ['localhost:" << server.Port() << "']}]\n";
  }

  std::vector<std::string> Command(int port) const {
    const auto directory = scratch_.Path().string();
    return {kPrometheus, "--config.file=" + directory + "/prometheus.yml",
            "--storage.tsdb.path=" + directory + "/data",
            "--web.listen-address=127.0.0.1:" + std::to_string(port), "--log.level=warn"};
  }
};

TEST_F(RealPrometheus, ScrapesWithTlsAndAToken) {
  if (!tests::LocalhostResolves()) {
    GTEST_SKIP() << "this machine does not know localhost";
  }
  if (!std::filesystem::exists(kPrometheus)) {
    GTEST_SKIP() << "no Prometheus";
  }
  const auto server = Serve({.handlers = {{"/metrics", MetricsPage([] {
                                             prometheus::MetricFamily family;
                                             family.name = "answer";
                                             family.type = prometheus::MetricType::Gauge;
                                             family.metric.resize(1);
                                             family.metric[0].gauge.value = 42;
                                             return std::vector{family};
                                           })}}},
                            TlsAndToken());
  WriteConfiguration(*server);
  const int port = FreePort();
  const tests::ChildProcess program(Command(port), scratch_.Path() / "log");
  const common::prometheus::Client client("127.0.0.1:" + std::to_string(port), kPatience);

  std::vector<common::prometheus::Sample> samples;
  const auto deadline = std::chrono::steady_clock::now() + 3 * kPatience;
  while (samples.empty() && std::chrono::steady_clock::now() < deadline) {
    samples = client.Query("answer and on(job) up == 1").value_or(samples);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }

  ASSERT_EQ(samples.size(), 1U) << std::ifstream(scratch_.Path() / "log").rdbuf();
  EXPECT_EQ(samples[0].value, 42);
}

}  // namespace
}  // namespace exporters

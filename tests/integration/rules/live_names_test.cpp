// Every series that the bundled rules and dashboards ask for is one that the real programs serve to
// the real Prometheus: a name that is misspelt, or that nobody serves any more, is found here.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/http/client.h"
#include "common/prometheus/client.h"
#include "common/text.h"
#include "common/yaml/parse.h"
#include "exporters/bind.h"
#include "integration/agent/requests/child_process.h"
#include "integration/demo/port_range.h"
#include "integration/rules/selectors.h"
#include "support/scratch_directory.h"

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kPrometheus = "/usr/bin/prometheus";
constexpr const char* kHaproxy = "/usr/sbin/haproxy";
const fs::path kSource = SOURCE_DIR;

std::string Slurp(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Encoded(std::string_view text) {
  std::string encoded;
  for (const char byte : text) {
    encoded += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
  }
  return encoded;
}

std::string Replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

int FreePort() {
  const auto socket = exporters::Bind({.host = "127.0.0.1", .port = 0});
  return exporters::BoundPort(socket->Get()).value();
}

/// What the rules ask for, and the names that they record.
struct Rules {
  std::vector<std::string> expressions;
  std::set<std::string> recorded;
};

Rules ReadRules() {
  Rules rules;
  common::yaml::Problems problems("rules");
  auto root = common::yaml::ParseConfiguration(kSource / "rules/trimtab.rules.yaml", problems);
  for (const auto& group : root->Required("groups").List()) {
    for (const auto& rule : group.AsMap()->Required("rules").List()) {
      auto map = *rule.AsMap();
      rules.expressions.push_back(map.Required("expr").String().value());
      if (const auto record = map.Optional("record").String()) {
        rules.recorded.insert(*record);
      }
    }
  }
  return rules;
}

std::vector<std::string> DashboardExpressions() {
  std::vector<std::string> expressions;
  for (const auto& entry : fs::directory_iterator(kSource / "dashboards")) {
    if (entry.path().extension() != ".json") {
      continue;
    }
    const auto dashboard = json::parse(Slurp(entry.path()));
    for (const auto& panel : dashboard.at("panels").as_array()) {
      if (const auto* const targets = panel.as_object().if_contains("targets")) {
        for (const auto& target : targets->as_array()) {
          auto expression = std::string(target.at("expr").as_string());
          for (const auto* variable : {"$cluster", "$namespace", "$job", "$instance"}) {
            expression = Replaced(expression, variable, ".*");
          }
          expression = Replaced(expression, "$__rate_interval", "1m");
          expressions.push_back(Replaced(expression, "$__range", "1h"));
        }
      }
    }
  }
  return expressions;
}

TEST(Selectors, AreToldFromFunctionsLabelsAndWords) {
  EXPECT_THAT(
      tests::SelectorsOf("sum by (cluster, tenant) (rate(a_total{x=\"b{c}\"}[5m])) / on (tenant) "
                         "group_left (z) (b:c:d offset 5m > 0.05) and max without (y) (up) or "
                         "vector(0) unless sum(e) == bool 1e3"),
      ElementsAre("a_total{x=\"b{c}\"}", "b:c:d", "e", "up"));
}

/// Agent, scaler with one replica on one node, the emulated cloud, HAProxy and Prometheus.
class LiveNames : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "only root may make the cgroups whose memory is measured";
    }
    if (!fs::exists(kPrometheus) || !fs::exists(kHaproxy)) {
      GTEST_SKIP() << "no Prometheus or no HAProxy";
    }
    StartHaproxy();
    StartAgent();
    StartCloud();
    StartScaler();
    StartPrometheus();
  }

  void TearDown() override {
    if (scaler_) {
      EXPECT_EQ(scaler_->Stop(), 0) << Slurp(Path("scaler.log"));
    }
    if (cloud_) {
      EXPECT_EQ(cloud_->Stop(), 0) << Slurp(Path("cloud.log"));
    }
  }

  [[nodiscard]] fs::path Path(const char* name) const { return scratch_.Path() / name; }

  void Write(const char* name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::app) << text;
  }

  void StartHaproxy() {
    Write("haproxy.cfg", fmt::format("global\n  stats socket {} mode 600 level admin\n"
                                     "defaults\n  mode http\n  timeout client 5s\n"
                                     "  timeout server 5s\n  timeout connect 1s\n"
                                     "frontend shops\n  bind unix@{}\n  default_backend shop\n"
                                     "backend shop\n  server a 127.0.0.1:1 disabled\n",
                                     Path("haproxy.sock").string(), Path("front").string()));
    haproxy_.emplace(std::vector<std::string>{kHaproxy, "-db", "-f", Path("haproxy.cfg").string()},
                     Path("haproxy.log"));
  }

  void StartAgent() {
    Write("access.log",
          "t1 1763690000.123 200 12 1000 20 shop/shop-1 -- shop.test\n"
          "t1 1763690000.123 503 0 1000 20 shop/<NOSRV> SC shop.test\n");
    Write("agent.yaml",
          fmt::format("node: {{name: test-1}}\ntenants:\n  shop: {{hosts: [shop.test]}}\nsources:\n"
                      "  accessLog: {{path: {0}/access.log}}\n  haproxy: {{socket: "
                      "{0}/haproxy.sock}}\n  lifecycle: {{path: {0}/lifecycle.jsonl}}\n",
                      scratch_.Path().string()));
    agent_.emplace(std::vector<std::string>{TRIMTAB_AGENT, "--config", Path("agent.yaml").string(),
                                            "--listen", "127.0.0.1:0"},
                   Path("agent.log"));
    agent_port_ = PortIn("agent.log");
  }

  void StartCloud() {
    Write("cloud.yaml",
          fmt::format("socket: {0}/cloud.sock\ncgroupParent: trimtab-test-names-{1}\n"
                      "ports: {{first: {2}, last: {3}}}\n"
                      "agent:\n  command: [{4}, --config, $(CONFIG), --listen, "
                      "\"127.0.0.1:$(PORT)\"]\n  targets: {0}/targets/nodes.json\npools:\n"
                      "  spot: {{capacityType: spot, zones: [a], node: {{cpu: 1, memory: 512Mi}}, "
                      "pricePerHour: 1, quota: 3, boot: {{time: 0s}}, metadata: none}}\n",
                      scratch_.Path().string(), ::getpid(), FirstNodePort(), FirstNodePort() + 9,
                      TRIMTAB_AGENT));
    cloud_.emplace(
        std::vector<std::string>{TRIMTAB_LOCAL_CLOUD, "--config", Path("cloud.yaml").string(),
                                 "--state", Path("cloud").string()},
        Path("cloud.log"));
    ASSERT_TRUE(Eventually([&] { return fs::exists(Path("cloud.sock")); }))
        << Slurp(Path("cloud.log"));
  }

  void StartScaler() {
    fs::create_directories(Path("policies"));
    Write("policies/nodes.yaml",
          "apiVersion: trimtab.io/v1alpha1\nkind: CapacityPolicy\nmetadata: {name: nodes}\nspec:\n"
          "  pools:\n    spot: {capacityType: spot, nodes: {min: 1, max: 3}, provider: {local: "
          "{group: spot}}}\n  spare: {survive: {loss: largestNode}}\n  spot: {share: 80%}\n");
    // Nobody asks for the shop: the least number is what keeps its replica, and a rule says so.
    Write("policies/shop.yaml",
          "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: shop}\n"
          "spec:\n  target: {name: shop}\n  replicas: {min: 1, max: 2}\n"
          "  signals: {requests: {perReplica: 20/s}}\n");
    const int port = FreePort();
    Write("scaler.yaml",
          fmt::format("agents: [\"127.0.0.1:{0}\"]\nlocal:\n  cgroupParent: trimtab-test-names-{1}"
                      "\n  ports: {{first: {2}, last: {2}}}\n  onExit: stop\n"
                      "  cloud: {{socket: {3}/cloud.sock}}\n"
                      "  lifecycle: {3}/lifecycle.jsonl\n  workloads:\n    shop:\n"
                      "      command: [{4}, \"$(PORT)\", \"$(REPLICA)\"]\n"
                      "      resources: {{limits: {{memory: 256Mi}}}}\n"
                      "      health: {{path: /healthz, period: 200ms}}\n      gracePeriod: 2s\n"
                      "      replicas: 1\n",
                      agent_port_, ::getpid(), port, scratch_.Path().string(), SHOP_PROGRAM));
    scaler_.emplace(
        std::vector<std::string>{TRIMTAB_SCALER, "--config", Path("scaler.yaml").string(),
                                 "--policies", Path("policies").string(), "--state",
                                 Path("state").string(), "--listen", "127.0.0.1:0"},
        Path("scaler.log"));
    scaler_port_ = PortIn("scaler.log");
  }

  void StartPrometheus() {
    Write("prometheus.yml",
          fmt::format("global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs:\n"
                      "- job_name: trimtab-agent\n"
                      "  static_configs: [{{targets: ['127.0.0.1:{}']}}]\n"
                      "  file_sd_configs: [{{files: [{}/targets/*.json], refresh_interval: 5s}}]\n"
                      "- job_name: trimtab-scaler\n"
                      "  static_configs: [{{targets: ['127.0.0.1:{}']}}]\n",
                      agent_port_, scratch_.Path().string(), scaler_port_));
    address_ = fmt::format("127.0.0.1:{}", FreePort());
    prometheus_.emplace(
        std::vector<std::string>{kPrometheus, "--config.file=" + Path("prometheus.yml").string(),
                                 "--storage.tsdb.path=" + Path("data").string(),
                                 "--web.listen-address=" + address_, "--log.level=warn"},
        Path("prometheus.log"));
    client_ = std::make_unique<common::prometheus::Client>(address_, std::chrono::seconds(10));
    ASSERT_TRUE(Eventually([&] { return client_->Ready().has_value(); }))
        << Slurp(Path("prometheus.log"));
  }

  template <typename Holds>
  [[nodiscard]] static bool Eventually(Holds holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return true;
  }

  [[nodiscard]] std::uint64_t PortIn(const char* log) const {
    std::uint64_t port = 0;
    EXPECT_TRUE(Eventually([&] {
      const auto said = Slurp(Path(log));
      const auto at = said.find(" port=", said.find(" runs version="));
      if (at == std::string::npos) {
        return false;
      }
      std::string_view rest = std::string_view(said).substr(at + 6);
      port = common::ParseUnsigned(common::TakeWord(rest)).value_or(0);
      return port != 0;
    })) << Slurp(Path(log));
    return port;
  }

  /// In Prometheus' own spelling; fails the test where it is no PromQL.
  [[nodiscard]] std::string Formatted(const std::string& expression) const {
    const auto answer = common::http::Get(
        address_, "/api/v1/format_query?query=" + Encoded(expression), std::chrono::seconds(10));
    if (!answer || answer->status != 200) {
      ADD_FAILURE() << expression << ": "
                    << (answer ? answer->body : std::string(answer.error().what));
      return {};
    }
    return std::string(json::parse(answer->body).at("data").as_string());
  }

  /// Those that Prometheus has no series for, after some time to scrape them.
  [[nodiscard]] std::set<std::string> Absent(std::set<std::string> selectors) const {
    (void)Eventually([&] {
      std::erase_if(selectors, [&](const auto& selector) {
        const auto samples = client_->Query("count(" + selector + ")");
        return samples && !samples->empty();
      });
      return selectors.empty();
    });
    return selectors;
  }

  /// A part of this machine whose agent nobody has told Prometheus of but the cloud's file.
  void ANodeOfTheCloudIsFoundWithItsLabels() const {
    const std::string joined =
        "trimtab_node_memory_bytes{kind=\"total\"} * on (cluster, instance) group_left (node, "
        "pool, zone, capacity_type) trimtab_node_info{pool=\"spot\"}";
    std::vector<common::prometheus::Sample> samples;
    EXPECT_TRUE(Eventually([&] {
      if (auto answer = client_->Query(joined)) {
        samples = std::move(*answer);
      }
      return !samples.empty();
    })) << Slurp(Path("targets/nodes.json"))
        << Slurp(Path("prometheus.log"));
    for (auto& sample : samples) {
      EXPECT_EQ(sample.value, 512.0 * 1024 * 1024);
      EXPECT_EQ(sample.labels["node"], sample.labels["instance"]);
      EXPECT_EQ(sample.labels["zone"], "a");
      EXPECT_EQ(sample.labels["capacity_type"], "spot");
    }
  }

  /// Two for each node.
  [[nodiscard]] int FirstNodePort() const { return ports_.Base() + 2000; }

  const tests::PortRange ports_;
  tests::ScratchDirectory scratch_;
  std::uint64_t agent_port_ = 0;
  std::uint64_t scaler_port_ = 0;
  std::string address_;
  std::unique_ptr<common::prometheus::Client> client_;
  std::optional<tests::ChildProcess> haproxy_;
  std::optional<tests::ChildProcess> agent_;
  std::optional<tests::ChildProcess> cloud_;
  std::optional<tests::ChildProcess> scaler_;
  std::optional<tests::ChildProcess> prometheus_;
};

TEST_F(LiveNames, EverySeriesOfRulesAndDashboardsIsServed) {
  const auto rules = ReadRules();
  auto expressions = rules.expressions;
  const auto more = DashboardExpressions();
  expressions.insert(expressions.end(), more.begin(), more.end());
  std::set<std::string> selectors;
  for (const auto& expression : expressions) {
    for (const auto& selector : tests::SelectorsOf(Formatted(expression))) {
      if (!rules.recorded.contains(selector.substr(0, selector.find('{')))) {
        selectors.insert(selector);
      }
    }
  }
  ASSERT_THAT(selectors, SizeIs(testing::Gt(20U)));

  EXPECT_THAT(Absent(selectors), IsEmpty()) << "nobody serves these";
  ANodeOfTheCloudIsFoundWithItsLabels();
}

}  // namespace

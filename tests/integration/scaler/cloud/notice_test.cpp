// From an operator's word to the scaler's signals: cloud, metadata service, agent and stream are
// the real ones.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "common/http/client.h"
#include "integration/scaler/cloud/cloud_world.h"
#include "scaler/signals/http_transport.h"
#include "scaler/signals/signals.h"

namespace tests {
namespace {

using scaler::signals::NoticeView;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Yaml(const std::string& metadata) {
  return std::string("agent:\n  command: [") + TRIMTAB_AGENT +
         ", --config, $(CONFIG), --listen, \"127.0.0.1:$(PORT)\", --state, $(STATE)]\n"
         "  metadataInterval: 100ms\n  signalInterval: 2s\n"
         "pools:\n  spot: {capacityType: spot, zones: [a], node: {cpu: 1, memory: 1Gi}, "
         "pricePerHour: 1, quota: 3, boot: {time: 100ms}, metadata: " +
         metadata + "}\n";
}

/// A node with an agent, heard by signals.
class NodeWithAgent {
 public:
  explicit NodeWithAgent(const std::string& metadata) : world_(Yaml(metadata)) {
    world_.Start();
    signals_.Start([] {});
    EXPECT_FALSE(world_.Add({"t", "spot", "a", 1}));
    EXPECT_TRUE(world_.Until([&] { return world_.AllRun(1); })) << world_.Log();
    node_ = world_.Nodes().at(0);
    signals_.SetNodeAgents({node_.agent});
    EXPECT_TRUE(world_.Until([&] { return signals_.Agents().at(0).connected; })) << world_.Log();
  }

  [[nodiscard]] bool Noticed(std::size_t notices) {
    return world_.Until([&] { return signals_.Notices().size() == notices; });
  }

  CloudWorld world_;
  ProvidedNode node_;
  scaler::signals::HttpTransport transport_{world_.Loop().Context()};
  scaler::signals::Signals signals_{world_.Loop(), transport_, {}};
};

class OfEveryCloud : public ::testing::TestWithParam<const char*> {};

TEST_P(OfEveryCloud, ANoticeReachesTheSignalsAndSoDoesItsWithdrawal) {
  NodeWithAgent node(GetParam());
  const auto said_at = node.world_.Loop().Monotonic();
  ASSERT_EQ(node.world_.Command("reclaim " + node.node_.name + " --notice 10m"), 0);
  ASSERT_TRUE(node.Noticed(1)) << node.world_.Log();
  const auto notice = node.signals_.Notices()[0];
  EXPECT_EQ(notice.node, node.node_.name);
  EXPECT_EQ(notice.pool, "spot");
  EXPECT_EQ(notice.zone, "a");
  EXPECT_EQ(notice.notice.kind, NoticeView::Kind::kSpot);
  EXPECT_GT(notice.notice.at, said_at);
  EXPECT_LE(notice.notice.at, node.world_.Loop().Monotonic() + std::chrono::minutes(10));
  RecordProperty("milliseconds",
                 std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                    node.world_.Loop().Monotonic() - said_at)
                                    .count()));
  ASSERT_EQ(node.world_.Command("withdraw " + node.node_.name), 0);
  EXPECT_TRUE(node.Noticed(0)) << node.world_.Log();
}

INSTANTIATE_TEST_SUITE_P(Notices, OfEveryCloud, ::testing::Values("aws", "gcp", "azure"),
                         [](const auto& which) { return std::string(which.param); });

TEST(NodesAgent, OutlivesTheCloudAndEndsWithItsNode) {
  NodeWithAgent node("aws");
  const auto cgroups = scaler::local::Cgroups::Find("/").value();
  const auto agent = node.world_.Parent() + "/" + node.node_.name + "/trimtab-agent";
  const auto before = cgroups.Processes(agent);
  ASSERT_THAT(before, SizeIs(1));
  node.world_.Kill();
  ASSERT_TRUE(node.world_.Until([&] { return !node.world_.Client().List().problem.empty(); }));
  node.world_.Start();
  ASSERT_EQ(node.world_.Command("rebalance " + node.node_.name), 0);
  EXPECT_TRUE(node.Noticed(1)) << "the agent goes on with the service that came back";
  EXPECT_EQ(cgroups.Processes(agent), before) << "no second agent was started";
  EXPECT_FALSE(node.world_.Remove(node.node_.name));
  EXPECT_TRUE(node.world_.Until([&] { return node.world_.Nodes().empty(); }));
  EXPECT_THAT(cgroups.Processes(agent), IsEmpty());
}

TEST(NodesAgent, TellsWhatItsNodeUsesAndMayUse) {
  NodeWithAgent node("none");
  const auto page = common::http::Get(node.node_.agent, "/metrics", std::chrono::seconds(30));
  ASSERT_TRUE(page) << page.error().what;
  const auto processors = std::min(1L, ::sysconf(_SC_NPROCESSORS_ONLN));
  for (const auto& line :
       {std::string("trimtab_node_info{node=\"") + node.node_.name +
            "\",zone=\"a\",capacity_type=\"spot\",instance_type=\"spot\",pool=\"spot\"} 1\n",
        "trimtab_node_cpu_cores " + std::to_string(processors) + "\n",
        std::string("trimtab_node_memory_bytes{kind=\"total\"} 1073741824\n"),
        std::string("trimtab_collector_success{collector=\"slice\"} 1\n")}) {
    EXPECT_THAT(page->body, HasSubstr(line));
  }
  // What the agent itself needs is there already.
  EXPECT_THAT(page->body, HasSubstr("trimtab_node_cpu_seconds_total{mode=\"user\"}"));
  EXPECT_THAT(page->body, Not(HasSubstr("trimtab_node_memory_bytes{kind=\"working_set\"} 0\n")));
}

TEST(NodesAgent, IsStartedAgainWhenItEnds) {
  NodeWithAgent node("none");
  const auto cgroups = scaler::local::Cgroups::Find("/").value();
  const auto agent = node.world_.Parent() + "/" + node.node_.name + "/trimtab-agent";
  const auto before = cgroups.Processes(agent);
  ASSERT_THAT(before, SizeIs(1));
  ::kill(before[0], SIGKILL);
  EXPECT_TRUE(node.world_.Until([&] {
    const auto now = cgroups.Processes(agent);
    return now.size() == 1 && now != before;
  }));
}

/// What a command prints.
std::string OutputOf(const std::string& command) {
  std::string output;
  if (FILE* const pipe = ::popen(command.c_str(), "r")) {
    std::array<char, 4096> chunk{};
    while (::fgets(chunk.data(), chunk.size(), pipe) != nullptr) {
      output += chunk.data();
    }
    ::pclose(pipe);
  }
  return output;
}

TEST(MetadataService, AnswersCurlAsAwsDoes) {
  if (OutputOf("curl --version").empty()) {
    GTEST_SKIP() << "there is no curl";
  }
  NodeWithAgent node("aws");
  // The metadata service has the port before the agent's.
  const auto colon = node.node_.agent.rfind(':') + 1;
  const auto base =
      "http://127.0.0.1:" + std::to_string(std::stoi(node.node_.agent.substr(colon)) - 1) +
      "/latest";
  const std::string status = "curl -s -o /dev/null -w '%{http_code}' ";
  const auto action = base + "/meta-data/spot/instance-action";
  EXPECT_EQ(OutputOf(status + action), "401");
  EXPECT_EQ(OutputOf(status + "-X PUT " + base + "/api/token"), "400");
  const auto token = OutputOf("curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' " +
                              base + "/api/token");
  const auto header = " -H 'X-aws-ec2-metadata-token: " + token + "' ";
  EXPECT_EQ(OutputOf(status + header + action), "404");
  ASSERT_EQ(node.world_.Command("reclaim " + node.node_.name + " --notice 10m"), 0);
  EXPECT_THAT(
      OutputOf("curl -s" + header + action),
      ::testing::MatchesRegex(
          R"(\{"action":"terminate","time":"[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+Z"\})"));
}

TEST(MetadataService, AnswersAmazonsOwnClient) {
  const std::string wanted =
      "from botocore.utils import IMDSFetcher as I; I._fetch_metadata_token; I._get_request";
  if (std::system(("python3 -c '" + wanted + "' 2> /dev/null").c_str()) != 0) {
    GTEST_SKIP() << "there is no botocore that has these";
  }
  NodeWithAgent node("aws");
  ASSERT_EQ(node.world_.Command("reclaim " + node.node_.name + " --notice 10m"), 0);
  const auto colon = node.node_.agent.rfind(':') + 1;
  const auto port = std::to_string(std::stoi(node.node_.agent.substr(colon)) - 1);
  const auto output = OutputOf(
      "python3 -c '\n"
      "from botocore.utils import IMDSFetcher\n"
      "imds = IMDSFetcher(base_url=\"http://127.0.0.1:" +
      port +
      "/\", num_attempts=3)\n"
      "token = imds._fetch_metadata_token()\n"
      "answer = imds._get_request(\"latest/meta-data/spot/instance-action\", None, token=token)\n"
      "print(answer.status_code, answer.text)\n'");
  EXPECT_THAT(output, HasSubstr("200 {\"action\":\"terminate\""));
}

TEST(MetadataService, AnEventThatAzuresNodeAcknowledgesBeginsAtOnce) {
  NodeWithAgent node("azure");
  const auto colon = node.node_.agent.rfind(':') + 1;
  const auto address =
      "http://127.0.0.1:" + std::to_string(std::stoi(node.node_.agent.substr(colon)) - 1);
  ASSERT_EQ(node.world_.Command("reclaim " + node.node_.name + " --notice 10m"), 0);
  ASSERT_TRUE(node.Noticed(1));
  const auto posted =
      common::http::Client(*common::http::Credentials::Open({}))
          .Send("POST", address, "/metadata/scheduledevents?api-version=2020-07-01",
                R"({"StartRequests": [{"EventId": ")" + node.node_.name + R"(-Preempt-1"}]})",
                std::chrono::seconds(30), {{"Metadata", "true"}});
  ASSERT_TRUE(posted) << posted.error().what;
  EXPECT_EQ(posted->status, 200);
  EXPECT_TRUE(node.world_.Until([&] { return node.world_.Nodes().empty(); }));
}

}  // namespace
}  // namespace tests

#include "agent/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/agent/scratch_tree.h"

namespace agent::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

common::Result<Config> Read(std::string_view text) {
  const tests::ScratchTree tree{{"agent.yaml", text}};
  return ReadConfig(tree.Path() / "agent.yaml");
}

TEST(AgentConfig, ReadsEveryKey) {
  const auto config = Read(R"(
node: {name: local-1, zone: a, capacityType: on-demand, instanceType: vm}
signalInterval: 250ms
tenants:
  shop-01: {hosts: [shop-01.example.test], backend: one}
  shop-02: {hosts: [shop-02.example.test, "*.shop-02.example.test"]}
sources:
  accessLog: {path: /run/access.log}
  haproxy: {socket: /run/haproxy.sock}
  lifecycle: {path: /run/lifecycle.jsonl}
)");

  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->node.name, "local-1");
  EXPECT_EQ(config->node.zone, "a");
  EXPECT_EQ(config->node.capacity_type, "on-demand");
  EXPECT_EQ(config->node.instance_type, "vm");
  EXPECT_EQ(config->signal_interval, std::chrono::milliseconds(250));
  EXPECT_THAT(
      config->tenants->Tenants(),
      ElementsAre(requests::Tenant{"shop-01", {"shop-01.example.test"}, "one"},
                  requests::Tenant{
                      "shop-02", {"shop-02.example.test", "*.shop-02.example.test"}, "shop-02"}));
  EXPECT_THAT(config->access_log, Optional(std::filesystem::path("/run/access.log")));
  EXPECT_THAT(config->haproxy_socket, Optional(std::filesystem::path("/run/haproxy.sock")));
  EXPECT_THAT(config->lifecycle, Optional(std::filesystem::path("/run/lifecycle.jsonl")));
}

TEST(AgentConfig, ReadsHowToFollowTheNodesPods) {
  EXPECT_EQ(Read("node: {name: a}")->kubernetes, std::nullopt);
  EXPECT_THAT(Read("kubernetes: {}")->kubernetes, Optional(Kubernetes{}));
  EXPECT_THAT(Read("kubernetes: {nodeName: node-1, kubeconfig: /k, context: prod}")->kubernetes,
              Optional(Kubernetes{"node-1", "/k", "prod"}));
  EXPECT_THAT(Read("kubernetes: {context: prod}").error().what, HasSubstr("kubernetes.context"));
  EXPECT_THAT(Read("kubernetes: {node: a}").error().what, HasSubstr("nodeName"));
}

TEST(AgentConfig, ReadsWhoTellsOfTheNodesEnd) {
  const auto config = Read(R"(
node:
  name: spot-a-1
  pool: spot
  cgroup: trimtab/spot-a-1
  metadata: {provider: gcp, address: "http://127.0.0.1:20300", interval: 500ms, deadline: 200ms}
sources:
  lifecycle: {path: /run/lifecycle.jsonl, containers: false}
)");

  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->node.pool, "spot");
  EXPECT_EQ(config->node.cgroup, "trimtab/spot-a-1");
  ASSERT_TRUE(config->node.metadata);
  EXPECT_EQ(config->node.metadata->provider, interruption::Provider::kGcp);
  EXPECT_EQ(config->node.metadata->address, "http://127.0.0.1:20300");
  EXPECT_EQ(config->node.metadata->interval, std::chrono::milliseconds(500));
  EXPECT_EQ(config->node.metadata->deadline, std::chrono::milliseconds(200));
  EXPECT_FALSE(config->tell_containers);
}

TEST(AgentConfig, TheMetadataServiceIsWhereCloudsHaveIt) {
  const auto config = Read("node: {metadata: {provider: aws}}\n");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->node.metadata->address, "http://169.254.169.254");
  EXPECT_FALSE(Read("node: {metadata: {provider: none}}\n")->node.metadata);
}

TEST(AgentConfig, RefusesAMetadataServiceThatCannotBe) {
  EXPECT_THAT(Read("node: {metadata: {provider: oracle}}\n").error().what,
              HasSubstr("node.metadata.provider"));
  EXPECT_THAT(Read("node: {metadata: {address: 'http://x'}}\n").error().what,
              HasSubstr("provider"));
  EXPECT_THAT(
      Read("node: {metadata: {provider: aws, address: 'https://169.254.169.254'}}\n").error().what,
      HasSubstr("no TLS"));
  EXPECT_THAT(Read("node: {metadata: {provider: aws, interval: 1ms}}\n").error().what,
              HasSubstr("interval"));
  EXPECT_THAT(Read("node: {cgroup: ../up}\n").error().what, HasSubstr("node.cgroup"));
}

TEST(AgentConfig, EveryKeyIsOptional) {
  const auto config = Read("tenants: {}\n");

  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->node.name, "");
  EXPECT_EQ(config->signal_interval, std::chrono::milliseconds(500));
  EXPECT_THAT(config->tenants->Tenants(), IsEmpty());
  EXPECT_EQ(config->access_log, std::nullopt);
}

TEST(AgentConfig, TellsAllProblemsWithTheirPlaces) {
  const auto config = Read(
      "node: {nme: x, capacityType: cheap}\n"
      "signalInterval: 1h\n"
      "sources: {accessLog: {}}\n"
      "tenants: {a: {hosts: [h.test]}, b: {hosts: [h.test]}}\n");

  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().what, HasSubstr("agent.yaml:1:8: node.nme"));
  EXPECT_THAT(config.error().what, HasSubstr("did you mean 'name'"));
  EXPECT_THAT(config.error().what, HasSubstr("agent.yaml:1:30: node.capacityType"));
  EXPECT_THAT(config.error().what, HasSubstr("agent.yaml:2:17: signalInterval"));
  EXPECT_THAT(config.error().what, HasSubstr("sources.accessLog"));
  EXPECT_THAT(config.error().what, HasSubstr("belongs to two tenants"));
}

TEST(AgentConfig, TellsWhatIsWrongWithEachTenantAtItsPlace) {
  const auto config = Read(
      "tenants:\n"
      "  _x: {hosts: [x.test]}\n"
      "  good: {hosts: [good.test]}\n"
      "  thief: {hosts: [good.test]}\n"
      "  odd: {hosts: [\"b c\"]}\n"
      "  twin: {hosts: [twin.test], backend: good}\n");

  ASSERT_FALSE(config);
  for (const auto* const words :
       {"agent.yaml:2:3: tenants._x: tenant \"_x\": ids that begin with '_' are reserved\n",
        "agent.yaml:4:3: tenants.thief: host \"good.test\" belongs to two tenants",
        "agent.yaml:5:3: tenants.odd: tenant \"odd\": \"b c\" is neither a host name",
        "agent.yaml:6:3: tenants.twin: backend \"good\" belongs to two tenants"}) {
    EXPECT_THAT(config.error().what, HasSubstr(words));
  }
}

TEST(AgentConfig, AFileThatIsMissingIsNamed) {
  const auto config = ReadConfig("/no/such/agent.yaml");

  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().what, HasSubstr("/no/such/agent.yaml"));
}

}  // namespace
}  // namespace agent::config

#include "scaler/local/cloud/config.h"

#include <gmock/gmock.h>

#include <fstream>
#include <string>

#include "support/scratch_directory.h"

namespace scaler::local::cloud {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

common::Result<Spec> Read(const std::string& text) {
  const tests::ScratchDirectory scratch;
  const auto file = scratch.Path() / "cloud.yaml";
  std::ofstream(file) << text;
  return ReadConfig(file);
}

/// A pool with `lines` in it, at their indentation.
common::Result<Spec> ReadPool(const std::string& lines) { return Read("pools:\n  p:\n" + lines); }

constexpr const char* kPool =
    "    capacityType: spot\n    zones: [a]\n    node: {cpu: 1, memory: 1Gi}\n"
    "    pricePerHour: 1\n    quota: 3\n";

TEST(CloudConfig, ReadsEverythingThatAPersonMayWrite) {
  const auto spec = Read(R"yaml(
socket: /run/cloud.sock
cgroupParent: trimtab/demo
ports: {first: 21000, last: 21099}
onExit: keep
seed: 42
agent:
  command: [/bin/agent, --config, $(CONFIG)]
  targets: /run/targets/nodes.json
  lifecycle: /run/lifecycle.jsonl
  signalInterval: 200ms
  metadataInterval: 1s
pools:
  shops-spot:
    capacityType: spot
    zones: [a, b]
    node:
      cpu: 1500m
      memory: 2Gi
      pods: 20
      labels: {pool: shops}
      taints: [spot=true]
      instanceType: m5.large
    pricePerHour: 0.25
    quota: 8
    boot: {time: 20s, jitter: 5s}
    metadata: gcp
)yaml");
  ASSERT_TRUE(spec) << spec.error().what;
  EXPECT_EQ(spec->socket, "/run/cloud.sock");
  EXPECT_EQ(spec->cgroup_parent, "trimtab/demo");
  EXPECT_EQ(spec->ports, (PortRange{21000, 21099}));
  EXPECT_EQ(spec->on_exit, OnExit::kKeep);
  EXPECT_EQ(spec->seed, 42U);
  EXPECT_THAT(spec->agent.command, ElementsAre("/bin/agent", "--config", "$(CONFIG)"));
  EXPECT_EQ(spec->agent.targets, "/run/targets/nodes.json");
  EXPECT_EQ(spec->agent.signal_interval, milliseconds(200));
  EXPECT_EQ(spec->agent.metadata_interval, seconds(1));
  ASSERT_EQ(spec->pools.size(), 1U);
  const auto& pool = spec->pools[0];
  EXPECT_EQ(pool.type, CapacityType::kSpot);
  EXPECT_THAT(pool.zones, ElementsAre("a", "b"));
  EXPECT_DOUBLE_EQ(pool.kind.cpu_cores, 1.5);
  EXPECT_DOUBLE_EQ(pool.kind.memory_bytes, 2.0 * 1024 * 1024 * 1024);
  EXPECT_EQ(pool.kind.pods, 20);
  EXPECT_THAT(pool.kind.taints, ElementsAre("spot=true"));
  EXPECT_EQ(pool.instance_type, "m5.large");
  EXPECT_DOUBLE_EQ(pool.kind.price_per_hour, 0.25);
  EXPECT_EQ(pool.boot_jitter, seconds(5));
  EXPECT_EQ(pool.metadata, Protocol::kGcp);
}

TEST(CloudConfig, SaysWhatIsMissingAndWhere) {
  const auto spec = ReadPool("    zones: [a]\n");
  ASSERT_FALSE(spec);
  EXPECT_THAT(spec.error().what, HasSubstr("pools.p.capacityType"));
  EXPECT_THAT(spec.error().what, HasSubstr("pools.p.quota"));
  EXPECT_THAT(Read("seed: 1\n").error().what, HasSubstr("pools"));
}

struct BadLine {
  const char* lines;
  const char* complaint;
};

class BadPool : public ::testing::TestWithParam<BadLine> {};

TEST_P(BadPool, IsRefusedWithItsPlace) {
  const auto spec = ReadPool(std::string(kPool) + GetParam().lines);
  ASSERT_FALSE(spec);
  EXPECT_THAT(spec.error().what, HasSubstr("cloud.yaml:8:"));
  EXPECT_THAT(spec.error().what, HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(CloudConfig, BadPool,
                         ::testing::Values(BadLine{"    metadata: oracle\n", "metadata"},
                                           BadLine{"    boot: {time: -1s}\n", "boot.time"},
                                           BadLine{"    boot: {tme: 1s}\n", "did you mean 'time'"},
                                           BadLine{"    prize: 3\n", "prize"}));

TEST(CloudConfig, RefusesNamesThatAreNoPartOfAPath) {
  EXPECT_FALSE(Read(std::string("pools:\n  ../x:\n") + kPool));
  EXPECT_FALSE(
      ReadPool("    capacityType: spot\n    zones: [a/b]\n    node: {cpu: 1, memory: 1Gi}\n"
               "    pricePerHour: 1\n    quota: 3\n"));
  EXPECT_FALSE(Read(std::string("cgroupParent: ../x\npools:\n  p:\n") + kPool));
}

TEST(CloudConfig, RefusesNodesOfNoSize) {
  EXPECT_FALSE(
      ReadPool("    capacityType: spot\n    zones: [a]\n    node: {cpu: 0, memory: 1Gi}\n"
               "    pricePerHour: 1\n    quota: 3\n"));
  EXPECT_FALSE(
      ReadPool("    capacityType: spot\n    zones: [a]\n    node: {cpu: 1, memory: 1}\n"
               "    pricePerHour: 1\n    quota: 3\n"));
}

}  // namespace
}  // namespace scaler::local::cloud

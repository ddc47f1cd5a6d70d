#include "scaler/local/config.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "common/yaml/parse.h"

namespace scaler::local {
namespace {

using common::yaml::Problems;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

struct Reading {
  Spec spec;
  std::vector<std::string> problems;
};

/// Reads the `local:` part of `text`.
Reading Read(const std::string& text) {
  Problems problems("scaler.yaml");
  const auto documents = common::yaml::ParseText(text, problems);
  Reading reading;
  if (!documents.empty()) {
    auto map = documents.front().AsMap();
    reading.spec = ReadSpec(map->Optional("local"));
  }
  for (const auto& problem : problems.Sorted()) {
    reading.problems.push_back(ToString(problem));
  }
  return reading;
}

/// A workload's map with `lines` in it, at their indentation.
Reading ReadWorkload(const std::string& lines) {
  return Read("local:\n  workloads:\n    shop:\n      command: [shop]\n" + lines);
}

TEST(LocalConfig, ReadsEverythingThatAPersonMayWrite) {
  const auto reading = Read(R"yaml(
local:
  cgroupParent: trimtab/demo
  lifecycle: /run/lifecycle.jsonl
  ports: {first: 21000, last: 21999}
  haproxy: {socket: /run/haproxy.sock}
  onExit: stop
  workloads:
    shop-01:
      labels: {app.kubernetes.io/part-of: shop}
      command: [/bin/shop, --listen, "127.0.0.1:$(PORT)"]
      env: {COLOUR: blue}
      resources: {requests: {cpu: 100m, memory: 32Mi}, limits: {cpu: 500m, memory: 64Mi}}
      health: {path: /healthz, period: 500ms, timeout: 2s, failureThreshold: 5, startTimeout: 9s}
      restart: {initialBackoff: 2s, maxBackoff: 1m}
      gracePeriod: 5s
      backend: shops_01
      replicas: 3
)yaml");

  EXPECT_THAT(reading.problems, IsEmpty());
  const auto& spec = reading.spec;
  EXPECT_EQ(spec.cgroup_parent, "trimtab/demo");
  EXPECT_EQ(spec.lifecycle, "/run/lifecycle.jsonl");
  EXPECT_EQ(spec.ports, (PortRange{.first = 21000, .last = 21999}));
  EXPECT_EQ(spec.haproxy_socket, "/run/haproxy.sock");
  EXPECT_EQ(spec.on_exit, OnExit::kStop);
  ASSERT_THAT(spec.workloads, SizeIs(1));
  const auto& shop = spec.workloads.front();
  EXPECT_EQ(shop.name, "shop-01");
  EXPECT_THAT(shop.labels, ElementsAre(Pair("app.kubernetes.io/part-of", "shop")));
  EXPECT_THAT(shop.command, ElementsAre("/bin/shop", "--listen", "127.0.0.1:$(PORT)"));
  EXPECT_THAT(shop.env, ElementsAre(Pair("COLOUR", "blue")));
  EXPECT_EQ(shop.resources, (Resources{.cpu_request_cores = 0.1,
                                       .memory_request_bytes = 32ULL << 20U,
                                       .cpu_limit_cores = 0.5,
                                       .memory_limit_bytes = 64ULL << 20U}));
  EXPECT_EQ(shop.health, (HealthSpec{.path = "/healthz",
                                     .period = milliseconds(500),
                                     .timeout = seconds(2),
                                     .failure_threshold = 5,
                                     .start_timeout = seconds(9)}));
  EXPECT_EQ(shop.restart,
            (RestartSpec{.initial_back_off = seconds(2), .max_back_off = minutes(1)}));
  EXPECT_EQ(shop.grace_period, seconds(5));
  EXPECT_EQ(shop.backend, "shops_01");
  EXPECT_EQ(shop.replicas, 3);
}

TEST(LocalConfig, NeedsNoMoreThanACommand) {
  const auto reading = ReadWorkload("");

  EXPECT_THAT(reading.problems, IsEmpty());
  EXPECT_EQ(reading.spec.cgroup_parent, "trimtab");
  EXPECT_EQ(reading.spec.haproxy_socket, std::nullopt);
  EXPECT_EQ(reading.spec.on_exit, OnExit::kKeep);
  ASSERT_THAT(reading.spec.workloads, SizeIs(1));
  EXPECT_EQ(reading.spec.workloads.front().backend, "shop");
  EXPECT_EQ(reading.spec.workloads.front().replicas, 0);
}

TEST(LocalConfig, MayBeAbsent) {
  const auto reading = Read("agents: []\n");

  EXPECT_THAT(reading.problems, IsEmpty());
  EXPECT_EQ(reading.spec, Spec());
}

TEST(LocalConfig, SaysWhereASlipOfTheKeyboardIs) {
  EXPECT_THAT(ReadWorkload("      replica: 3\n").problems,
              ElementsAre("scaler.yaml:5:7: local.workloads.shop.replica: unknown key; did you "
                          "mean 'replicas'?"));
}

struct ProblemCase {
  std::string text;
  std::string problem;
};

class LocalConfigProblem : public ::testing::TestWithParam<ProblemCase> {};

TEST_P(LocalConfigProblem, IsSaid) {
  EXPECT_THAT(ReadWorkload(GetParam().text).problems, ElementsAre(HasSubstr(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(
    InAWorkload, LocalConfigProblem,
    ::testing::Values(
        ProblemCase{"      backend: 'a; b'\n", "local.workloads.shop.backend: a backend's name"},
        ProblemCase{"      health: {path: healthz}\n", "health.path: a path begins with /"},
        ProblemCase{"      health: {path: '/a b'}\n", "health.path: a path begins with /"},
        ProblemCase{"      health: {failureThreshold: 0}\n", "health.failureThreshold"},
        ProblemCase{"      restart: {initialBackoff: 10m}\n", "longer than maxBackoff"},
        ProblemCase{"      resources: {limits: {memory: 5}}\n", "limits.memory: a memory quantity"},
        ProblemCase{"      resources: {limits: {cpu: 0}}\n", "limits.cpu: a cpu quantity"},
        ProblemCase{"      resources: {requests: {cpu: 2}, limits: {cpu: 1}}\n",
                    "requests more cpu than its limit"},
        ProblemCase{"      env: {'A=B': c}\n", "'A=B' is no name of a variable"},
        ProblemCase{"      gracePeriod: soon\n", "gracePeriod"},
        ProblemCase{"      replicas: -1\n", "replicas"},
        ProblemCase{"    other: {command: [x], backend: shop}\n",
                    "another workload has the backend 'shop' already"},
        ProblemCase{"    Shop: {command: [x]}\n", "a workload's name"},
        ProblemCase{"    ../etc: {command: [x]}\n", "a workload's name"},
        ProblemCase{"    mute: {command: []}\n", "command: names no program"},
        ProblemCase{"    mute: {}\n", "command"}));

TEST(LocalConfig, RefusesPortsAndParentsThatCannotBe) {
  EXPECT_THAT(Read("local: {ports: {first: 10, last: 9}}\n").problems,
              ElementsAre(HasSubstr("the first port is above the last")));
  EXPECT_THAT(Read("local: {cgroupParent: ../other}\n").problems,
              ElementsAre(HasSubstr("local.cgroupParent: a path below")));
  EXPECT_THAT(Read("local: {cgroupParent: /trimtab}\n").problems, SizeIs(1));
  EXPECT_THAT(Read("local: {onExit: panic}\n").problems, SizeIs(1));
}

}  // namespace
}  // namespace scaler::local

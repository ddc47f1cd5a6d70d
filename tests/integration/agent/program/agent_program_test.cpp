// The whole program: real files, real cgroups, real HTTP.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "common/lifecycle/append.h"
#include "common/signal/frame.h"
#include "integration/agent/program/agent_process.h"
#include "integration/agent/program/scratch_cgroup.h"
#include "support/scratch_directory.h"

namespace {

using common::lifecycle::EndReason;
using common::lifecycle::Event;
using common::signal::Frame;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::StartsWith;
using tests::AgentProcess;
using tests::Eventually;

/// Runs a command to its end and gives its exit code.
int RunToEnd(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// One connection to /signals, frame by frame.
class SignalReader {
 public:
  explicit SignalReader(std::uint16_t port) : peer_(port) {
    peer_.Say("GET /signals HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(peer_.HearUntil("\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  }

  Frame Next() {
    for (;;) {
      auto frame = decoder_.Next();
      if (!frame) {
        ADD_FAILURE() << frame.error().what;
        return {};
      }
      if (*frame) {
        return std::move(**frame);
      }
      const auto size = std::strtoul(peer_.HearUntil("\r\n").c_str(), nullptr, 16);
      if (size == 0) {
        ADD_FAILURE() << "the stream has ended";
        return {};
      }
      decoder_.Append(peer_.HearBytes(size));
      peer_.HearUntil("\r\n");
    }
  }

 private:
  tests::Peer peer_;
  common::signal::Decoder decoder_;
};

class AgentProgram : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::trunc) << text;
  }
  void Log(const std::string& lines) const {
    std::ofstream(Path("access.log"), std::ios::app) << lines;
  }
  [[nodiscard]] std::filesystem::path Path(const std::string& name) const {
    return directory_.Path() / name;
  }

  /// With two shops and all sources in the scratch directory.
  AgentProcess Start(const std::string& interval = "100ms") {
    Write("agent.yaml", "node: {name: test-1}\nsignalInterval: " + interval +
                            "\ntenants:\n  shop-01: {hosts: [shop-01.test]}\n"
                            "  shop-02: {hosts: [shop-02.test]}\nsources:\n  accessLog: {path: " +
                            Path("access.log").string() +
                            "}\n  lifecycle: {path: " + Path("lifecycle.jsonl").string() + "}\n");
    return {{"--config", Path("agent.yaml"), "--state", Path("state")}, Path("agent.log")};
  }

  void Record(Event event, const std::string& cgroup = {}, std::optional<EndReason> reason = {}) {
    common::lifecycle::Record record;
    record.event = event;
    record.name_space = "local";
    record.workload = "shop-01";
    record.container = "shop";
    record.replica = event == Event::kDeclared ? "" : "shop-01-1";
    record.cgroup = cgroup;
    record.reason = reason;
    const auto appended = common::lifecycle::Append(Path("lifecycle.jsonl"), record);
    ASSERT_TRUE(appended) << appended.error().what;
  }

  tests::ScratchDirectory directory_;
};

const std::string kServed = "t1 1763690000.123 200 12 1000 20 shop-01 -- shop-01.test\n";
const std::string kRefused = "t1 1763690000.123 503 0 1000 20 shop-02 -- shop-02.test\n";
const std::string kRestarts =
    R"(trimtab_container_restarts_total{namespace="local",workload="shop-01",container="shop")";
const std::string kOomKills =
    R"(trimtab_container_oom_kills_total{namespace="local",workload="shop-01",container="shop"})";

TEST_F(AgentProgram, ServesTheNodeWithoutAConfiguration) {
  AgentProcess agent({}, Path("agent.log"));

  EXPECT_THAT(agent.Get("/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(agent.Get("/readyz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_GT(agent.Value(R"(trimtab_node_cpu_seconds_total{mode="user"})"), 0);
  EXPECT_GT(agent.Value(R"(trimtab_node_memory_bytes{kind="total"})"), 0);
  EXPECT_THAT(agent.Value(R"(trimtab_collector_success{collector="memory"})"), Optional(1));
  EXPECT_EQ(agent.Stop(), 0);
}

TEST_F(AgentProgram, EveryMetricIsAsPrometheusWants) {
  if (RunToEnd("promtool --version > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "no promtool on this machine";
  }
  Record(Event::kDeclared);
  Log(kServed);
  auto agent = Start();
  auto page = agent.Get("/metrics");
  page.erase(0, page.find("\r\n\r\n") + 4);
  Write("page", page);

  EXPECT_EQ(RunToEnd("promtool check metrics < " + Path("page").string() + " > " +
                     Path("lint").string() + " 2>&1"),
            0)
      << tests::ReadWholeFile(Path("lint"));
  EXPECT_EQ(tests::ReadWholeFile(Path("lint")), "");
}

TEST_F(AgentProgram, CountsFromZeroWhatIsDeclared) {
  Record(Event::kDeclared);
  auto agent = Start();

  for (const auto* const reason :
       {"oom_killed", "app_error", "health_check", "evicted", "completed", "unknown"}) {
    EXPECT_THAT(agent.Value(kRestarts + ",reason=\"" + reason + "\"}"), Optional(0)) << reason;
  }
  EXPECT_THAT(agent.Value(kOomKills), Optional(0));
  EXPECT_THAT(agent.Value(R"(trimtab_tenant_requests_total{tenant="shop-02"})"), Optional(0));
}

TEST_F(AgentProgram, CountsARealOomKillAndKeepsItWhenTheCgroupHasGone) {
  tests::ScratchCgroup cgroup("trimtab-agent-test-" + std::to_string(::getpid()));
  if (!cgroup.Made()) {
    GTEST_SKIP() << "this machine or user may not make cgroups";
  }
  cgroup.LimitMemory(32UL << 20U);
  Record(Event::kStart, cgroup.Name());
  auto agent = Start();
  const std::string pod =
      R"({namespace="local",workload="shop-01",pod="shop-01-1",container="shop"})";
  EXPECT_THAT(agent.Value("trimtab_container_memory_limit_bytes" + pod),
              Optional(static_cast<double>(32UL << 20U)));

  EXPECT_EQ(cgroup.Run([] {
    constexpr std::size_t kTooMuch = 256UL << 20U;
    auto* const memory = static_cast<volatile char*>(std::malloc(kTooMuch));
    for (std::size_t at = 0; at < kTooMuch; at += 4096) {
      memory[at] = 1;
    }
  }),
            SIGKILL);

  EXPECT_TRUE(Eventually([&] { return agent.Value(kOomKills) == 1; }));
  EXPECT_GT(agent.Value("trimtab_container_cpu_seconds_total" + pod), 0);

  cgroup.Remove();
  Record(Event::kEnd, {}, EndReason::kOomKilled);
  EXPECT_TRUE(Eventually([&] { return agent.Value(kRestarts + R"(,reason="oom_killed"})") == 1; }));
  EXPECT_THAT(agent.Value(kOomKills), Optional(1));
  EXPECT_EQ(agent.Value("trimtab_container_cpu_seconds_total" + pod), std::nullopt);
}

TEST_F(AgentProgram, StreamsAFullFrameFirstAndThenChanges) {
  Log(kServed);
  auto agent = Start();
  SignalReader reader(agent.Port());

  const auto first = reader.Next();
  EXPECT_EQ(first.agent, "test-1");
  EXPECT_TRUE(first.full);
  ASSERT_EQ(first.tenants.size(), 2U);
  EXPECT_EQ(first.tenants[0].completions_total, 1U);

  const auto second = reader.Next();
  EXPECT_FALSE(second.full);
  EXPECT_EQ(second.sequence, first.sequence + 1);
  EXPECT_EQ(second.epoch, first.epoch);

  const auto other = SignalReader(agent.Port()).Next();
  EXPECT_TRUE(other.full);
  EXPECT_GT(other.sequence, second.sequence);
}

TEST_F(AgentProgram, TellsOfAFirstRequestLongBeforeItsInterval) {
  Log(kServed);
  auto agent = Start("2s");
  SignalReader reader(agent.Port());
  (void)reader.Next();
  (void)reader.Next();  // The interval begins now.

  const auto begin = std::chrono::steady_clock::now();
  Log(kRefused);
  const auto frame = reader.Next();
  const auto took = std::chrono::steady_clock::now() - begin;

  ASSERT_EQ(frame.tenants.size(), 1U);
  EXPECT_EQ(frame.tenants[0].tenant, "shop-02");
  EXPECT_EQ(frame.tenants[0].errors_total, 1U);
  EXPECT_LT(took, std::chrono::milliseconds(1000));
}

TEST_F(AgentProgram, GoesOnAfterARestart) {
  Record(Event::kStart);
  Record(Event::kEnd, {}, EndReason::kAppError);
  Log(kServed);
  std::uint64_t epoch = 0;
  {
    auto agent = Start();
    epoch = SignalReader(agent.Port()).Next().epoch;
    EXPECT_EQ(agent.Stop(), 0);
  }
  Log(kRefused + kServed);

  auto agent = Start();

  EXPECT_THAT(agent.Value(R"(trimtab_tenant_requests_total{tenant="shop-01"})"), Optional(2));
  EXPECT_THAT(agent.Value(R"(trimtab_tenant_errors_total{tenant="shop-02"})"), Optional(1));
  EXPECT_THAT(agent.Value(kRestarts + R"(,reason="app_error"})"), Optional(1));
  EXPECT_GT(SignalReader(agent.Port()).Next().epoch, epoch);
}

TEST_F(AgentProgram, EndsWithinASecondWithAStreamOpen) {
  auto agent = Start("2s");
  SignalReader reader(agent.Port());
  (void)reader.Next();

  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(agent.Stop(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST_F(AgentProgram, SaysWhyItCannotListen) {
  auto agent = Start();

  EXPECT_EQ(RunToEnd(std::string(TRIMTAB_AGENT) + " --listen 127.0.0.1:" +
                     std::to_string(agent.Port()) + " 2> " + Path("error").string()),
            1);
  EXPECT_THAT(tests::ReadWholeFile(Path("error")), HasSubstr("another program listens there"));
}

TEST_F(AgentProgram, ChecksItsConfigurationAndStops) {
  Write("good.yaml", "node: {name: test-1}\n");
  Write("bad.yaml", "node: {nam: test-1}\n");
  const auto check = [&](const std::string& name) {
    return RunToEnd(std::string(TRIMTAB_AGENT) + " --check --config " + Path(name).string() +
                    " > /dev/null 2> " + Path("error").string());
  };

  EXPECT_EQ(check("good.yaml"), 0);
  EXPECT_EQ(check("bad.yaml"), 2);
  EXPECT_THAT(tests::ReadWholeFile(Path("error")), HasSubstr("bad.yaml:1:8: node.nam"));
}

}  // namespace

#include "integration/scaler/faults/programs.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <utility>

#include "common/http/client.h"
#include "common/text.h"
#include "tests/demo/stage/leftovers.h"

namespace tests {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr auto kPatience = seconds(60);
constexpr auto kFeedPeriod = milliseconds(100);

constexpr auto kPolicy = R"(apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: shop, namespace: local}
spec:
  target: {selector: {matchLabels: {app: shop}}}
  replicas: {min: 1, max: 4}
  signals: {requests: {perReplica: 10/s}}
  profile: fast
  behavior: {scaleDown: {stabilizationWindowSeconds: 5}}
  guards: {staleAfter: 10s}
)";

std::string CgroupParent() { return fmt::format("trimtab-test-faults-{}", ::getpid()); }

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string Body(std::uint16_t port, const std::string& target) {
  const auto answer = common::http::Get(fmt::format("127.0.0.1:{}", port), target, seconds(5));
  return answer && answer->status == 200 ? answer->body : std::string();
}

json::value Parsed(const std::string& text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  return error ? json::value() : value;
}

std::optional<double> ValueIn(const std::string& page, const std::string& series) {
  const auto at = page.find("\n" + series + " ");
  if (at == std::string::npos) {
    return std::nullopt;
  }
  std::string_view rest = std::string_view(page).substr(at + series.size() + 2);
  return common::ParseDouble(common::TakeLine(rest));
}

/// The processes with `text` on their command line.
std::vector<int> ProcessesWith(const std::string& text) {
  std::vector<int> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const auto pid = common::ParseUnsigned(entry.path().filename().string());
    if (pid && *pid != static_cast<std::uint64_t>(::getpid()) &&
        ReadAll(entry.path() / "cmdline").find(text) != std::string::npos) {
      found.push_back(static_cast<int>(*pid));
    }
  }
  return found;
}

}  // namespace

Programs::Programs(fs::path state, std::vector<std::string> environment)
    : state_(std::move(state)), environment_(std::move(environment)), feeder_([this] { Feed(); }) {
  StartAgent();
  WriteConfiguration();
}

Programs::~Programs() {
  ending_ = true;
  feeder_.join();
  if (scaler_) {
    StopScaler();
  }
  // Shims that a failed test has left, by the launch files on their command lines; their replicas
  // end with them.
  for (const auto pid : ProcessesWith(state_.string() + "/replicas")) {
    ::kill(pid, SIGKILL);
  }
  demo::RemoveCgroups(demo::FindCgroups(CgroupParent()));
}

std::vector<std::string> Programs::Command(const std::string& program) const {
  std::vector<std::string> command = {"/usr/bin/env"};
  command.insert(command.end(), environment_.begin(), environment_.end());
  command.push_back(program);
  return command;
}

void Programs::StartAgent() {
  std::ofstream(Directory() / "agent.yaml", std::ios::trunc)
      << "node: {name: test-1}\nsignalInterval: 200ms\n"
         "tenants:\n  shop: {hosts: [shop.test]}\nsources:\n  accessLog: {path: "
      << (Directory() / "access.log").string()
      << "}\n  lifecycle: {path: " << (Directory() / "lifecycle.jsonl").string() << "}\n";
  std::ofstream(Directory() / "access.log", std::ios::app).flush();
  auto command = Command(TRIMTAB_AGENT);
  for (const auto& word :
       {std::string("--config"), (Directory() / "agent.yaml").string(), std::string("--state"),
        (Directory() / "agent").string(), std::string("--listen"), std::string("127.0.0.1:0")}) {
    command.push_back(word);
  }
  agent_.emplace(command, Directory() / "agent.log");
  agent_port_ = AwaitPort("agent.log");
}

void Programs::WriteConfiguration() const {
  fs::create_directories(Directory() / "policies");
  std::ofstream(Directory() / "policies" / "shop.yaml") << kPolicy;
  // Beside the ports of the local platform's tests.
  const int first = 19'000 - static_cast<int>(::getpid() % 50) * 10;
  std::ofstream(Directory() / "scaler.yaml") << fmt::format(
      R"yaml(agents: ["127.0.0.1:{}"]
local:
  cgroupParent: {}
  ports: {{first: {}, last: {}}}
  onExit: stop
  lifecycle: {}
  workloads:
    shop:
      labels: {{app: shop}}
      command: [{}, "$(PORT)", "$(REPLICA)"]
      resources: {{requests: {{cpu: 100m}}}}
      health: {{path: /healthz, period: 200ms, timeout: 2s, failureThreshold: 10}}
      restart: {{initialBackoff: 200ms, maxBackoff: 2s}}
      gracePeriod: 2s
      replicas: 1
)yaml",
      agent_port_, CgroupParent(), first, first + 9, (Directory() / "lifecycle.jsonl").string(),
      SHOP_PROGRAM);
}

void Programs::StartScaler() {
  std::error_code ignored;
  fs::remove(Directory() / "scaler.log", ignored);
  auto command = Command(TRIMTAB_SCALER);
  for (const auto& word :
       {std::string("--config"), (Directory() / "scaler.yaml").string(), std::string("--policies"),
        (Directory() / "policies").string(), std::string("--state"), state_.string(),
        std::string("--listen"), std::string("127.0.0.1:0")}) {
    command.push_back(word);
  }
  scaler_.emplace(command, Directory() / "scaler.log");
  scaler_port_ = AwaitPort("scaler.log");
}

int Programs::StopScaler() {
  const int code = scaler_->Stop();
  scaler_.reset();
  return code;
}

std::uint16_t Programs::AwaitPort(const std::string& log) const {
  std::uint16_t port = 0;
  EXPECT_TRUE(Eventually([&] {
    const auto said = ReadAll(Directory() / log);
    const auto at = said.find(" port=", std::min(said.find(" runs version="), said.size()));
    if (at == std::string::npos) {
      return false;
    }
    std::string_view rest = std::string_view(said).substr(at + 6);
    port = static_cast<std::uint16_t>(common::ParseUnsigned(common::TakeWord(rest)).value_or(0));
    return port != 0;
  })) << ReadAll(Directory() / log);
  return port;
}

void Programs::Feed() {
  double due = 0;
  auto last = steady_clock::now();
  while (!ending_) {
    std::this_thread::sleep_for(kFeedPeriod);
    const auto now = steady_clock::now();
    due += per_second_ * std::chrono::duration<double>(now - last).count();
    last = now;
    std::string lines;
    for (; due >= 1; due -= 1) {
      lines += "t1 1763690000.123 200 12 1000 20 shop -- shop.test\n";
    }
    std::ofstream(Directory() / "access.log", std::ios::app) << lines;
  }
}

bool Programs::Eventually(const std::function<bool()>& holds) const {
  const auto deadline = steady_clock::now() + kPatience;
  while (!holds()) {
    if (steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(50));
  }
  return true;
}

json::value Programs::Status() const { return Parsed(Body(scaler_port_, "/api/v1/status")); }

json::value Programs::Decisions() const {
  return Parsed(Body(scaler_port_, "/api/v1/decisions?limit=1000"));
}

json::value Programs::Shop() const {
  const auto status = Status();
  const auto* const workloads =
      status.is_object() ? status.as_object().if_contains("workloads") : nullptr;
  return workloads == nullptr || workloads->as_array().empty() ? json::value()
                                                               : workloads->as_array().front();
}

bool Programs::IsReady(int replicas) const {
  const auto shop = Shop();
  return shop.is_object() && shop.at("desired").as_int64() == replicas &&
         shop.at("ready").as_int64() == replicas;
}

std::map<std::string, int> Programs::Replicas() const {
  std::map<std::string, int> replicas;
  const auto shop = Shop();
  if (!shop.is_object()) {
    return replicas;
  }
  for (const auto& replica : shop.at("replicas").as_array()) {
    const std::string id(replica.at("id").as_string());
    const auto state = Parsed(ReadAll(state_ / "replicas" / (id + ".json")));
    replicas[id] = state.is_object() ? state.at("pid").to_number<int>() : 0;
  }
  return replicas;
}

std::optional<double> Programs::AgentValue(const std::string& series) const {
  return ValueIn(Body(agent_port_, "/metrics"), series);
}

std::optional<double> Programs::ScalerValue(const std::string& series) const {
  return ValueIn(Body(scaler_port_, "/metrics"), series);
}

std::string Programs::Story() const {
  return "agent:\n" + ReadAll(Directory() / "agent.log") + "scaler:\n" +
         ReadAll(Directory() / "scaler.log");
}

}  // namespace tests

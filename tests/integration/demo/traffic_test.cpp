// The generator and the demo's own configuration of HAProxy, with a shop that is always there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <functional>
#include <mutex>
#include <thread>

#include "common/http/client.h"
#include "integration/demo/port_range.h"
#include "support/scratch_directory.h"
#include "tests/demo/stage/children.h"
#include "tests/demo/stage/configuration.h"
#include "tests/demo/traffic/generator.h"

namespace demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

bool Eventually(const std::function<bool()>& holds) {
  const auto deadline = steady_clock::now() + seconds(20);
  while (!holds()) {
    if (steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(20));
  }
  return true;
}

/// One command to HAProxy's runtime socket, and its answer.
std::string Ask(const std::filesystem::path& path, const std::string& command) {
  const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  std::string answer;
  if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const auto line = command + "\n";
    EXPECT_EQ(::send(client, line.data(), line.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(line.size()));
    std::array<char, 4096> chunk{};
    for (auto count = ::recv(client, chunk.data(), chunk.size(), 0); count > 0;
         count = ::recv(client, chunk.data(), chunk.size(), 0)) {
      answer.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }
  ::close(client);
  return answer;
}

/// Two tenants behind HAProxy: "awake" has one replica, "asleep" has none.
class TrafficTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const RunPlace place{.source = SOURCE_DIR,
                         .binaries = BINARY_DIR,
                         .directory = scratch_.Path(),
                         .cgroup = "unused",
                         .ports = ports_};
    ASSERT_TRUE(WriteConfiguration(place, course_));
    Start("haproxy", {"haproxy", "-db", "-f", (scratch_.Path() / "haproxy.cfg").string()},
          ports_.haproxy);
    Start(
        "shop",
        {BINARY_DIR "/demo-shop", "--listen", Loopback(ports_.first_replica), "--name", "awake-1"},
        ports_.first_replica);
    const auto socket = scratch_.Path() / "haproxy.sock";
    const auto server = "awake/awake-1";
    ASSERT_THAT(
        Ask(socket, std::string("add server ") + server + " " + Loopback(ports_.first_replica)),
        HasSubstr("New server registered"));
    Ask(socket, std::string("enable server ") + server);
  }

  void Start(const std::string& name, const std::vector<std::string>& command, std::uint16_t port) {
    ASSERT_TRUE(children_.Start(name, command, scratch_.Path() / (name + ".log")));
    ASSERT_TRUE(Eventually([&] {
      return common::http::Get(Loopback(port), "/", seconds(1)).has_value();
    })) << name
        << " does not answer";
  }

  /// Lets visitors come for `duration` and gives what became of each request, by tenant and fate.
  std::map<std::pair<std::string, Fate>, int> Play(milliseconds duration) {
    std::mutex mutex;
    std::map<std::pair<std::string, Fate>, int> counts;
    Generator generator(course_, {.port = ports_.haproxy}, [&](const Event& event) {
      if (const auto* const outcome = std::get_if<Outcome>(&event)) {
        const std::lock_guard lock(mutex);
        ++counts[{course_.tenants[outcome->tenant].name, outcome->fate}];
        if (outcome->fate == Fate::kAnswered) {
          EXPECT_EQ(outcome->replica, "awake-1");
        }
      }
    });
    generator.Start();
    std::this_thread::sleep_for(duration);
    generator.Finish();
    return counts;
  }

  const tests::PortRange range_;
  const Ports ports_ = Ports::From(range_.Base());
  const Course course_{
      .cycle = seconds(60),
      .tenants = {
          {.name = "awake", .host = "awake.example.test", .phases = {{.begin = {}, .rate = 100}}},
          {.name = "asleep", .host = "asleep.example.test", .visits = {milliseconds(100)}}}};
  const tests::ScratchDirectory scratch_;
  Children children_;
};

TEST_F(TrafficTest, EveryRequestGetsItsAnswerAndAVisitorWaitsForAShopToWake) {
  auto counts = Play(milliseconds(1500));

  EXPECT_NEAR((counts[{"awake", Fate::kAnswered}]), 150, 60);
  // At 0.1 s, and again a second later, as the waking page asks for.
  EXPECT_EQ((counts[{"asleep", Fate::kWaking}]), 2);
  EXPECT_EQ(counts.size(), 2U) << "and there is no other fate";
}

TEST_F(TrafficTest, ACrashIsSeenAsSuch) {
  ASSERT_TRUE(common::http::Get(Loopback(ports_.haproxy), "/fault/crash", seconds(5),
                                {{"Host", "awake.example.test"}}));
  ASSERT_TRUE(Eventually([&] {
    children_.Reap();
    return children_.Ending("shop").has_value();
  }));
  EXPECT_EQ(children_.Ending("shop"), "exit code 3");

  auto counts = Play(milliseconds(200));

  // HAProxy has nobody to send the request to: it answers with the page for sleeping shops. That
  // this shop should not sleep is for the account to know.
  EXPECT_GT((counts[{"awake", Fate::kWaking}]), 0);
  EXPECT_EQ((counts[{"awake", Fate::kAnswered}]), 0);
}

TEST_F(TrafficTest, NobodyListeningIsRefused) {
  ASSERT_TRUE(children_.Stop("haproxy", seconds(10)));

  auto counts = Play(milliseconds(200));

  EXPECT_GT((counts[{"awake", Fate::kRefused}]), 0);
}

TEST_F(TrafficTest, AShopFinishesWhatItAnswersWhenItIsToldToStop) {
  EXPECT_TRUE(children_.Stop("shop", seconds(10)));
}

}  // namespace
}  // namespace demo

// Arrivals as a real HAProxy counts them, over its restart.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include "integration/agent/program/agent_process.h"
#include "support/scratch_directory.h"

namespace {

using ::testing::Optional;
using tests::Eventually;

constexpr const char* kHaproxy = "/usr/sbin/haproxy";
const std::string kArrivals = R"(trimtab_tenant_arrivals_total{tenant="shop-01"})";

/// Asks for a page over a Unix socket and waits for the end of the answer.
std::string Request(const std::filesystem::path& socket_path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  std::string answer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::array<char, 4096> chunk{};
    for (ssize_t size = 0; (size = ::recv(fd, chunk.data(), chunk.size(), 0)) > 0;) {
      answer.append(chunk.data(), static_cast<std::size_t>(size));
    }
  }
  ::close(fd);
  return answer;
}

class AgentBesideHaproxy : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kHaproxy)) {
      GTEST_SKIP() << "no HAProxy on this machine";
    }
    // No server: every request is answered 503 at once, and has arrived all the same.
    std::ofstream(Path("haproxy.cfg"))
        << "global\n  stats socket " << Path("haproxy.sock").string()
        << " mode 600 level user\ndefaults\n  mode http\n  timeout connect 1s\n"
        << "  timeout client 5s\n  timeout server 5s\nfrontend in\n  bind "
        << Path("front.sock").string() << "\n  default_backend shop-01\nbackend shop-01\n";
    std::ofstream(Path("agent.yaml"))
        << "signalInterval: 50ms\ntenants: {shop-01: {hosts: [shop-01.test]}}\nsources: "
        << "{haproxy: {socket: " << Path("haproxy.sock").string() << "}}\n";
  }

  [[nodiscard]] std::filesystem::path Path(const std::string& name) const {
    return directory_.Path() / name;
  }

  tests::ChildProcess StartHaproxy() const {
    return {{kHaproxy, "-db", "-f", Path("haproxy.cfg")}, Path("haproxy.log")};
  }

  void SendOne() const {
    EXPECT_TRUE(Eventually([&] { return Request(Path("front.sock")).starts_with("HTTP/1.1 503"); }))
        << tests::ReadWholeFile(Path("haproxy.log"));
  }

  tests::ScratchDirectory directory_;
};

TEST_F(AgentBesideHaproxy, CountsArrivalsOverARestartOfHaproxy) {
  auto first = StartHaproxy();
  SendOne();  // Before the agent's epoch.
  tests::AgentProcess agent({"--config", Path("agent.yaml")}, Path("agent.log"));
  EXPECT_TRUE(Eventually(
      [&] { return agent.Value(R"(trimtab_collector_success{collector="haproxy"})") == 1; }));
  EXPECT_THAT(agent.Value(kArrivals), Optional(0));

  SendOne();
  SendOne();
  EXPECT_TRUE(Eventually([&] { return agent.Value(kArrivals) == 2; }));

  (void)first.Stop();
  EXPECT_TRUE(Eventually(
      [&] { return agent.Value(R"(trimtab_collector_success{collector="haproxy"})") == 0; }));
  EXPECT_THAT(agent.Value(kArrivals), Optional(2));
  EXPECT_EQ(agent.Value(R"(trimtab_tenant_in_flight{tenant="shop-01"})"), std::nullopt);

  const auto second = StartHaproxy();
  SendOne();
  EXPECT_TRUE(Eventually([&] { return agent.Value(kArrivals) == 3; }));
  EXPECT_THAT(agent.Value(R"(trimtab_tenant_in_flight{tenant="shop-01"})"), Optional(0));
}

}  // namespace

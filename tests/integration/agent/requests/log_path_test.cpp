// The whole way of a request into its tenant's counters, with the real HAProxy and the real writer.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "agent/requests/access_log.h"
#include "common/clock.h"
#include "common/unique_fd.h"
#include "integration/agent/requests/child_process.h"
#include "support/scratch_directory.h"

namespace agent::requests {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr const char* kHaproxy = "/usr/sbin/haproxy";

/// Waits for what other processes do: at most 20 s, which only a failure needs.
template <typename Condition>
bool Eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

common::UniqueFd LoopbackSocket() {
  common::UniqueFd fd(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("cannot bind to loopback");
  }
  return fd;
}

int PortOf(const common::UniqueFd& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(socket.Get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

common::UniqueFd SenderTo(const common::UniqueFd& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(socket.Get(), reinterpret_cast<sockaddr*>(&address), &size);
  common::UniqueFd sender(::socket(AF_INET, SOCK_DGRAM, 0));
  if (::connect(sender.Get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    throw std::runtime_error("cannot connect to loopback");
  }
  return sender;
}

/// One connection to HAProxy over its socket file.
class Client {
 public:
  explicit Client(const std::filesystem::path& socket) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(socket.string(), address.sun_path);
    connected_ =
        ::connect(fd_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

  [[nodiscard]] bool Connected() const { return connected_; }

  /// Sends `request`, and reads until the answer's body or the end of the connection.
  void Ask(std::string_view request) const {
    ASSERT_EQ(::send(fd_.Get(), request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string answer;
    std::array<char, 4096> buffer;
    while (!answer.ends_with("the body")) {
      const auto count = ::recv(fd_.Get(), buffer.data(), buffer.size(), 0);
      if (count <= 0) {
        return;
      }
      answer.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

  void Visit(const std::string& host) const { Ask("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"); }

 private:
  common::UniqueFd fd_;
  bool connected_ = false;
};

class LogPath : public ::testing::Test {
 protected:
  LogPath() { OpenAccessLog(); }

  [[nodiscard]] std::filesystem::path Path(const char* name) const {
    return scratch_.Path() / name;
  }

  void StartWriter(std::vector<std::string> more = {}) {
    std::vector<std::string> command = {LOG_WRITER, "--output", Path("access.log").string()};
    command.insert(command.end(), more.begin(), more.end());
    writer_.emplace(command, Path("writer.out"), socket_.Get());
  }

  void StartHaproxy() {
    std::ofstream(Path("haproxy.cfg")) << fmt::format(
        R"(defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 1s
frontend shops
  bind unix@{}
  log 127.0.0.1:{} len 1024 format raw local0
  option dontlognull
  declare capture request len 300
  http-request capture req.fhdr(host) id 0 unless {{ req.fhdr(host) -m reg '\x00' }}
  log-format "t1 %Ts.%ms %ST %Ta %B %U %b/%s %ts %[capture.req.hdr(0)]"
  http-request return status 503 content-type text/plain string "the body" if {{ path /broken }}
  use_backend asleep if {{ path /asleep }}
  default_backend shop
backend asleep
backend shop
  http-request return status 200 content-type text/plain string "the body"
)",
        Path("front").string(), PortOf(socket_));
    haproxy_.emplace(std::vector<std::string>{kHaproxy, "-db", "-f", Path("haproxy.cfg").string()},
                     Path("haproxy.out"));
    ASSERT_TRUE(Eventually([this] { return Client(Path("front")).Connected(); }))
        << Content("haproxy.out");
  }

  void OpenAccessLog() {
    log_.reset();
    auto registry = TenantRegistry::Make(
        {{"red", {"red.example.com"}, ""}, {"blue", {"*.blue.example.com"}, ""}});
    log_ =
        AccessLog::Open({.path = Path("access.log"), .checkpoint = Path("access.log.checkpoint")},
                        std::move(registry).value(), clock_)
            .value();
  }

  void PollAll() {
    while (log_->Poll()) {
    }
  }

  TenantCounters Of(std::string_view tenant) {
    PollAll();
    const auto counters = log_->Counters();
    return *std::ranges::find(counters.tenants, tenant, &TenantCounters::tenant);
  }

  SourceHealth Source() {
    PollAll();
    return log_->Counters().source;
  }

  [[nodiscard]] std::string Content(const char* name) const {
    std::ostringstream text;
    text << std::ifstream(Path(name)).rdbuf();
    return text.str();
  }

  [[nodiscard]] bool WriterListens() const {
    return Content("writer.out").find("listening") != std::string::npos;
  }

  tests::ScratchDirectory scratch_;
  common::SystemClock clock_;
  /// Bound by the test and passed on, as a supervisor does: so no port is chosen twice.
  common::UniqueFd socket_ = LoopbackSocket();
  std::optional<tests::ChildProcess> writer_;
  std::optional<tests::ChildProcess> haproxy_;
  std::unique_ptr<AccessLog> log_;
};

TEST_F(LogPath, CountsEveryRequestOverRotationsAndRestarts) {
  StartWriter({"--rotate-bytes", "16Ki", "--keep", "12"});
  StartHaproxy();
  const Client client(Path("front"));
  constexpr unsigned kRequests = 3000;
  for (unsigned count = 0; count < kRequests; ++count) {
    client.Visit("RED.example.com.:80");
    client.Visit("a.blue.example.com");
    if (count % 100 == 0) {
      log_->Poll();
    }
    if (count % 250 == 0) {
      // On a busy machine the writer falls behind; more than the rotated files hold would be lost.
      ASSERT_TRUE(Eventually([&] { return Source().lines_total == 2U * (count + 1); }))
          << log_->Counters().source.lines_total << " lines instead of " << 2U * (count + 1) << "\n"
          << Content("writer.out") << Content("haproxy.out");
      ASSERT_TRUE(log_->SaveCheckpoint());
    }
    if (count % 400 == 0) {
      OpenAccessLog();  // As after a kill: what was counted since the checkpoint is counted anew.
    }
  }
  client.Ask("GET /broken HTTP/1.1\r\nHost: red.example.com\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return Source().lines_total > 2 * kRequests; }));
  EXPECT_EQ(writer_->Stop(), 0) << Content("writer.out");

  const auto red = Of("red");
  EXPECT_EQ(red.requests_total, kRequests + 1U);
  EXPECT_THAT(red.responses_total, ::testing::ElementsAre(0, kRequests, 0, 0, 1, 0));
  EXPECT_EQ(red.latency.Count(), kRequests + 1U);
  EXPECT_GT(red.sent_bytes_total, kRequests * 50U);
  EXPECT_EQ(Of("blue").requests_total, kRequests);
  EXPECT_EQ(Source(), SourceHealth{.lines_total = 2 * kRequests + 1});
  EXPECT_TRUE(std::filesystem::exists(Path("access.log.12")));
}

TEST_F(LogPath, VisitorsThatWakeATenantAreNoErrors) {
  StartWriter();
  StartHaproxy();
  Client(Path("front")).Ask("GET /asleep HTTP/1.1\r\nHost: red.example.com\r\n\r\n");
  Client(Path("front")).Ask("GET /broken HTTP/1.1\r\nHost: red.example.com\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return Of("red").requests_total == 2; }));

  EXPECT_EQ(Of("red").responses_total.at(StatusClass(503)), 2U);
  EXPECT_EQ(Of("red").no_replica_total, 1U);
  EXPECT_EQ(Of("red").errors_total, 1U);
}

TEST_F(LogPath, HostileHostsReachNoTenantAndBreakNothing) {
  StartWriter();
  StartHaproxy();
  const std::vector<std::string> invalid = {
      "red.example.com\xff",
      "red.example.com\" 200",
      "red.example.com x",
      "x t1 1795229556.160 200 0 76 53 b LR red.example.com",
      "red.example.com\x01\x1b[31m\x7f",
      std::string("red.example.com\0", 16),
      std::string("red.example.com\0.evil.com", 25),
      "evil.com,red.example.com",
      "t1 lost 99",
      "_other",
      "",
      std::string(8000, 'a') + ".blue.example.com",
      std::string(60, 'a') + "." + std::string(240, 'b') + ".blue.example.com",
      "red.example.com\r\n folded",
  };
  for (const auto& host : invalid) {
    Client(Path("front")).Visit(host);
  }
  // HAProxy itself refuses these with 400, and logs them without a host.
  const std::vector<std::string> refused = {
      "garbage\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: red.example.com\r\nHost: evil.com\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: " + std::string(25'000, 'a') + "\r\n\r\n",
      "GET http://red.example.com/ HTTP/1.1\r\nHost: evil.com\r\n\r\n",
  };
  for (const auto& request : refused) {
    Client(Path("front")).Ask(request);
  }
  Client(Path("front")).Visit("evil.com");
  Client(Path("front")).Visit("red.example.com");
  const auto visits = invalid.size() + refused.size() + 2;
  EXPECT_TRUE(Eventually([&] { return Source().lines_total >= visits; }));

  EXPECT_EQ(Of("red").requests_total, 1U);
  EXPECT_EQ(Of("_other").requests_total, 1U);
  EXPECT_EQ(Of("_invalid").requests_total, invalid.size() + refused.size());
  EXPECT_EQ(Of("blue").requests_total, 0U);
  EXPECT_EQ(Source(), SourceHealth{.lines_total = visits}) << Content("access.log");
}

TEST_F(LogPath, ARestartOfTheWriterLosesNothing) {
  const auto sender = SenderTo(socket_);
  const auto send = [&](int count) {
    for (int sent = 0; sent < count; ++sent) {
      const std::string line = "t1 1795229556.160 200 0 76 53 b LR red.example.com\n";
      ASSERT_EQ(::send(sender.Get(), line.data(), line.size(), 0),
                static_cast<ssize_t>(line.size()));
    }
  };
  send(100);
  StartWriter();
  EXPECT_TRUE(Eventually([&] { return Of("red").requests_total == 100; }));
  send(100);
  EXPECT_EQ(writer_->Stop(), 0);
  EXPECT_EQ(Of("red").requests_total, 200U);
  send(100);
  StartWriter();
  EXPECT_TRUE(Eventually([&] { return Of("red").requests_total == 300; }));
}

TEST_F(LogPath, WhatTheKernelDropsIsCountedAsLost) {
  StartWriter();
  ASSERT_TRUE(Eventually([this] { return WriterListens(); }));
  writer_->Signal(SIGSTOP);
  const auto sender = SenderTo(socket_);
  const std::string line(1000, 'x');
  constexpr std::uint64_t kLines = 60'000;
  for (std::uint64_t sent = 0; sent < kLines; ++sent) {
    ::send(sender.Get(), line.data(), line.size(), 0);
  }
  writer_->Signal(SIGCONT);
  EXPECT_EQ(writer_->Stop(), 0);

  const auto source = Source();
  EXPECT_GT(source.lost_lines_total, 0U);
  EXPECT_EQ(source.lines_total + source.lost_lines_total, kLines);
}

TEST_F(LogPath, LogrotateMayMoveTheFileAndTellTheWriter) {
  StartWriter();
  ASSERT_TRUE(Eventually([this] { return WriterListens(); }));
  const auto sender = SenderTo(socket_);
  const std::string line = "t1 1795229556.160 200 0 76 53 b LR red.example.com\n";
  for (std::uint64_t round = 1; round <= 5; ++round) {
    ::send(sender.Get(), line.data(), line.size(), 0);
    ASSERT_TRUE(Eventually([&] { return Of("red").requests_total == round; }));
    std::filesystem::rename(Path("access.log"), Path("access.log.1"));
    writer_->Signal(SIGHUP);
    ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(Path("access.log")); }));
  }
}

TEST_F(LogPath, SaysInOneSentenceThatThePortIsTaken) {
  tests::ChildProcess writer({LOG_WRITER, "--output", Path("access.log").string(), "--listen",
                              fmt::format("udp:127.0.0.1:{}", PortOf(socket_))},
                             Path("writer.out"));
  ASSERT_TRUE(Eventually([this] { return !Content("writer.out").empty(); }));
  EXPECT_THAT(Content("writer.out"),
              ::testing::MatchesRegex("trimtab-log-writer: udp:.*: another program has this port; "
                                      "stop it, or choose another port.*\n"));
  EXPECT_EQ(writer.Stop(), 1);
}

}  // namespace
}  // namespace agent::requests

// trimtab-agent and trimtab-log-writer on a disk that has no room left.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/text.h"
#include "common/unique_fd.h"
#include "integration/agent/faults/small_disk.h"
#include "integration/agent/program/agent_process.h"
#include "integration/agent/requests/child_process.h"
#include "support/scratch_directory.h"

namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Optional;
using tests::AgentProcess;
using tests::Eventually;
using tests::ReadWholeFile;

constexpr auto kPatience = seconds(30);

class FullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.Mounted()) {
      GTEST_SKIP() << "this user may not mount a file system";
    }
  }

  [[nodiscard]] std::filesystem::path Path(const std::string& name) const {
    return scratch_.Path() / name;
  }

  tests::SmallDisk disk_{"512k"};
  tests::ScratchDirectory scratch_;
};

/// The agent's state is on the small disk, all else is not.
class AgentOnAFullDisk : public FullDisk {
 protected:
  void Serve(int requests) const {
    std::ofstream log(Path("access.log"), std::ios::app);
    for (int request = 0; request < requests; ++request) {
      log << "t1 1763690000.123 200 12 1000 20 shop-01 -- shop-01.test\n";
    }
  }

  void Start() {
    std::ofstream(Path("agent.yaml"), std::ios::trunc)
        << "node: {name: test-1}\nsignalInterval: 100ms\n"
           "tenants:\n  shop-01: {hosts: [shop-01.test]}\nsources:\n  accessLog: {path: "
        << Path("access.log").string() << "}\n";
    agent_.emplace(
        std::vector<std::string>{"--config", Path("agent.yaml"), "--state", disk_.Path() / "state"},
        Path("agent.log"));
  }

  [[nodiscard]] bool Counts(double requests) const {
    return Eventually(
        [&] {
          return agent_->Value(R"(trimtab_tenant_requests_total{tenant="shop-01"})") == requests;
        },
        kPatience);
  }

  [[nodiscard]] bool Says(const std::string& words) const {
    const bool said =
        Eventually([&] { return agent_->Log().find(words) != std::string::npos; }, kPatience);
    EXPECT_TRUE(said) << agent_->Log();
    return said;
  }

  std::optional<AgentProcess> agent_;
};

TEST_F(AgentOnAFullDisk, GoesOnAndCountsNothingTwiceAfterItsEnd) {
  Serve(5);
  Start();
  ASSERT_TRUE(Counts(5));
  ASSERT_TRUE(Eventually(
      [&] { return std::filesystem::exists(disk_.Path() / "state/access-log.checkpoint"); },
      kPatience));

  disk_.Fill();
  Serve(7);
  EXPECT_TRUE(Counts(12));
  EXPECT_TRUE(Says("the checkpoint of the access log cannot be saved"));
  EXPECT_THAT(agent_->Get("/healthz"), HasSubstr("ok"));

  // kill -9, and another start on the disk that is still full.
  agent_.reset();
  Serve(3);
  Start();
  EXPECT_TRUE(Counts(15));
  EXPECT_THAT(agent_->Log(), HasSubstr("the disk is full: the agent goes on"));

  EXPECT_TRUE(Says("the checkpoint of the access log cannot be saved"));

  disk_.Free();
  EXPECT_TRUE(Says("no longer so"));
  agent_.reset();
  Serve(1);
  Start();
  EXPECT_TRUE(Counts(16));
}

int PortOf(const common::UniqueFd& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(socket.Get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

/// What the writer has written, with what it says that it lost.
struct Written {
  std::uint64_t lines = 0;
  std::uint64_t lost = 0;
  std::uint64_t torn = 0;
};

class LogWriterOnAFullDisk : public FullDisk {
 protected:
  static constexpr std::string_view kLineEnd = " the-end-of-a-line";

  void SetUp() override {
    FullDisk::SetUp();
    if (IsSkipped()) {
      return;
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(socket_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
    socklen_t size = sizeof(address);
    ::getsockname(socket_.Get(), reinterpret_cast<sockaddr*>(&address), &size);
    ASSERT_EQ(::connect(sender_.Get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    writer_.emplace(std::vector<std::string>{LOG_WRITER, "--output", LogFile().string(),
                                             "--buffer-bytes", "128Ki"},
                    Path("writer.out"), socket_.Get());
    ASSERT_TRUE(Says("listening"));
  }

  [[nodiscard]] std::filesystem::path LogFile() const { return disk_.Path() / "access.log"; }

  void Send(int lines) {
    for (int line = 0; line < lines; ++line) {
      const auto text = fmt::format("t1 line {} {}{}", ++sent_, std::string(200, 'x'), kLineEnd);
      ASSERT_EQ(::send(sender_.Get(), text.data(), text.size(), 0),
                static_cast<ssize_t>(text.size()));
    }
  }

  [[nodiscard]] Written Read() const {
    Written written;
    const auto content = ReadWholeFile(LogFile());
    for (std::string_view rest = content; !rest.empty();) {
      const auto line = common::TakeLine(rest);
      constexpr std::string_view kLost = "t1 lost ";
      if (line.starts_with(kLost)) {
        written.lost += common::ParseUnsigned(line.substr(kLost.size())).value_or(0);
      } else if (line.starts_with("t1 line ") && line.ends_with(kLineEnd)) {
        ++written.lines;
      } else {
        ++written.torn;
      }
    }
    return written;
  }

  [[nodiscard]] bool Says(const std::string& words) const {
    return Eventually(
        [&] { return ReadWholeFile(Path("writer.out")).find(words) != std::string::npos; },
        kPatience);
  }

  /// Nothing waits in the kernel for the writer any more.
  [[nodiscard]] bool IsReadOut() const {
    const auto port = fmt::format(":{:04X} ", PortOf(socket_));
    return Eventually(
        [&] {
          std::ifstream table("/proc/net/udp");
          for (std::string line; std::getline(table, line);) {
            if (line.find(port) != std::string::npos &&
                line.find(":00000000 00:") == std::string::npos) {
              return false;
            }
          }
          return true;
        },
        kPatience);
  }

  std::uint64_t sent_ = 0;
  common::UniqueFd socket_{::socket(AF_INET, SOCK_DGRAM, 0)};  ///< Handed on to the writer.
  common::UniqueFd sender_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  std::optional<tests::ChildProcess> writer_;
};

TEST_F(LogWriterOnAFullDisk, KeepsWhatFitsInMemoryAndNotesTheRestAsLost) {
  Send(10);
  ASSERT_TRUE(Eventually([&] { return Read().lines == 10; }, kPatience));

  disk_.Fill();
  Send(3000);
  EXPECT_TRUE(Says("the access log cannot be written; lines wait in memory"));
  EXPECT_TRUE(IsReadOut());

  disk_.Free();
  EXPECT_TRUE(Eventually([&] { return Read().lines + Read().lost == sent_; }, kPatience))
      << Read().lines << " lines and " << Read().lost << " lost of " << sent_;
  const auto written = Read();
  EXPECT_GT(written.lost, 0U) << "128 KiB hold no 3000 lines";
  EXPECT_GT(written.lines, 400U) << "but some hundreds";
  EXPECT_EQ(written.torn, 0U);
  EXPECT_TRUE(Says("the access log can be written again"));
  Send(5);
  EXPECT_TRUE(Eventually([&] { return Read().lines == written.lines + 5; }, kPatience));
}

TEST_F(LogWriterOnAFullDisk, SaysHowMuchIsLostWhenItIsToldToStop) {
  disk_.Fill();
  Send(100);
  ASSERT_TRUE(Says("cannot be written"));
  ASSERT_TRUE(IsReadOut());

  EXPECT_EQ(writer_->Stop(), 1);

  EXPECT_TRUE(Says("stopped, but not all lines could be written"));
  EXPECT_TRUE(Says("lost_lines="));
}

}  // namespace

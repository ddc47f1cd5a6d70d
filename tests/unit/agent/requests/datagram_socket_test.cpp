#include "agent/log_writer/datagram_socket.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "common/unique_fd.h"
#include "support/scratch_directory.h"

namespace agent::log_writer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Sends to a socket in the way of HAProxy: without waiting.
class Sender {
 public:
  explicit Sender(const DatagramSocket& socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    ::getsockname(socket.Descriptor(), reinterpret_cast<sockaddr*>(&address), &size);
    fd_ = common::UniqueFd(::socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    if (::connect(fd_.Get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
      throw std::runtime_error("cannot connect to " + socket.Address());
    }
  }

  void Send(std::string_view datagram) const {
    ::send(fd_.Get(), datagram.data(), datagram.size(), 0);
  }

 private:
  common::UniqueFd fd_;
};

std::vector<std::string> Received(DatagramSocket& socket) {
  std::vector<std::string> datagrams;
  while (socket.Receive([&](std::string_view datagram) { datagrams.emplace_back(datagram); })) {
  }
  return datagrams;
}

std::string Problem(const std::string& address) {
  const auto socket = DatagramSocket::Listen(address);
  return socket ? "none" : socket.error().what;
}

class Listening : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto socket = DatagramSocket::Listen(Address());
    if (!socket && (socket.error().code == std::errc::address_not_available ||
                    socket.error().code == std::errc::address_family_not_supported)) {
      GTEST_SKIP() << "this machine has no " << Address();
    }
  }

  [[nodiscard]] std::string Address() const {
    const std::string address = GetParam();
    return address == "unix" ? "unix:" + (scratch_.Path() / "socket").string() : address;
  }

  tests::ScratchDirectory scratch_;
};

TEST_P(Listening, ReceivesEachDatagramWhole) {
  auto socket = DatagramSocket::Listen(Address()).value();
  const Sender sender(socket);
  sender.Send("one");
  sender.Send("");
  sender.Send("two\nlines");
  sender.Send(std::string(60'000, 'a'));

  EXPECT_THAT(Received(socket), ElementsAre("one", "", "two\nlines", std::string(60'000, 'a')));
  EXPECT_EQ(socket.TakeDropped(), 0U);
}

TEST_P(Listening, SaysThatTheAddressIsTaken) {
  const auto socket = DatagramSocket::Listen(Address()).value();

  EXPECT_THAT(Problem(socket.Address()), HasSubstr("another program"));
}

TEST_P(Listening, AnAddressIsFreeAgainAfterwards) {
  std::string address;
  { address = DatagramSocket::Listen(Address()).value().Address(); }

  EXPECT_EQ(Problem(address), "none");
}

INSTANTIATE_TEST_SUITE_P(Addresses, Listening,
                         ::testing::Values("udp:127.0.0.1:0", "udp:[::1]:0", "unix"),
                         [](const auto& test) {
                           std::string name(test.param);
                           std::erase_if(name, [](char byte) { return std::isalnum(byte) == 0; });
                           return name;
                         });

TEST(UdpSocket, ReceivesMoreThanOneBatch) {
  auto socket = DatagramSocket::Listen("udp:127.0.0.1:0").value();
  const Sender sender(socket);
  for (std::size_t count = 0; count < 3 * DatagramSocket::kBatch; ++count) {
    sender.Send("line");
  }

  EXPECT_THAT(Received(socket), SizeIs(3 * DatagramSocket::kBatch));
}

TEST(UdpSocket, CountsWhatTheKernelDropped) {
  auto socket = DatagramSocket::Listen("udp:127.0.0.1:0").value();
  const int small = 4096;
  ::setsockopt(socket.Descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  const Sender sender(socket);
  for (int count = 0; count < 1000; ++count) {
    sender.Send("line");
  }
  const auto received = Received(socket).size();

  EXPECT_LT(received, 1000U);
  EXPECT_EQ(socket.TakeDropped(), 1000 - received);
  EXPECT_EQ(socket.TakeDropped(), 0U);
}

TEST(UnixSocket, ReplacesTheFileOfADeadWriterOnly) {
  const tests::ScratchDirectory scratch;
  const auto path = scratch.Path() / "socket";
  {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path.string(), address.sun_path);
    const common::UniqueFd dead(::socket(AF_UNIX, SOCK_DGRAM, 0));
    ASSERT_EQ(::bind(dead.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  { EXPECT_EQ(Problem("unix:" + path.string()), "none"); }
  EXPECT_FALSE(std::filesystem::exists(path));
  std::ofstream(path) << "precious";
  EXPECT_THAT(Problem("unix:" + path.string()), HasSubstr("is no socket"));
}

TEST(SocketAddress, ThatMakesNoSenseIsRefused) {
  for (const auto* address : {"", "5514", "udp:", "udp:5514", "udp:localhost:1", "udp:127.0.0.1:",
                              "udp:127.0.0.1:65536", "udp:[::1:5514", "tcp:127.0.0.1:5514"}) {
    EXPECT_THAT(Problem(address), HasSubstr("must be udp:127.0.0.1:PORT")) << address;
  }
  EXPECT_THAT(Problem("unix:"), HasSubstr("1 to 107 bytes"));
  EXPECT_THAT(Problem("unix:/" + std::string(200, 'a')), HasSubstr("1 to 107 bytes"));
}

TEST(SocketAddress, BeyondLoopbackIsRefused) {
  EXPECT_THAT(Problem("udp:0.0.0.0:0"), HasSubstr("only loopback"));
  EXPECT_THAT(Problem("udp:[::]:0"), HasSubstr("only loopback"));
  EXPECT_THAT(Problem("udp:10.0.0.1:0"), HasSubstr("only loopback"));
}

}  // namespace
}  // namespace agent::log_writer

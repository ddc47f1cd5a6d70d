#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace tests {

/// A connection that says what a test wants said, byte by byte.
class Peer {
 public:
  static constexpr auto kPatience = std::chrono::seconds(10);

  explicit Peer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { ::close(fd_); }

  void Say(std::string_view text) const {
    EXPECT_TRUE(connected_);
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  /// Everything up to and with `end`, or what came before the other side closed.
  std::string HearUntil(std::string_view end) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      if (const auto at = heard_.find(end); !end.empty() && at != std::string::npos) {
        auto text = heard_.substr(0, at + end.size());
        heard_.erase(0, at + end.size());
        return text;
      }
      if (!Receive(deadline)) {
        return std::exchange(heard_, {});
      }
    }
  }

  /// Exactly `size` bytes, or what came before the other side closed.
  std::string HearBytes(std::size_t size) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (heard_.size() < size && Receive(deadline)) {
    }
    auto bytes = heard_.substr(0, size);
    heard_.erase(0, bytes.size());
    return bytes;
  }

  std::string HearAll() { return HearUntil({}); }

 private:
  bool Receive(std::chrono::steady_clock::time_point deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
      ADD_FAILURE() << "no answer in time; heard: " << heard_;
      return false;
    }
    std::array<char, 4096> chunk{};
    const auto size = ::recv(fd_, chunk.data(), chunk.size(), 0);
    if (size <= 0) {
      return false;
    }
    heard_.append(chunk.data(), static_cast<std::size_t>(size));
    return true;
  }

  int fd_;
  bool connected_ = false;
  std::string heard_;
};

/// The whole answer to one GET, head and body.
inline std::string Get(std::uint16_t port, std::string_view path) {
  Peer peer(port);
  peer.Say("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return peer.HearAll();
}

}  // namespace tests

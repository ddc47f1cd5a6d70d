#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tests {

/// A TLS client that says what a test wants said, byte by byte, and believes anybody.
class TlsPeer {
 public:
  explicit TlsPeer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      SSL_set_fd(ssl_.get(), fd_);
      connected_ = SSL_connect(ssl_.get()) == 1;
    }
  }
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;
  ~TlsPeer() { ::close(fd_); }

  [[nodiscard]] bool Connected() const { return connected_; }

  void Say(std::string_view text) {
    EXPECT_TRUE(connected_);
    EXPECT_EQ(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())),
              static_cast<int>(text.size()));
  }

  /// Everything up to and with `end`, or what came before the other side closed.
  std::string HearUntil(std::string_view end) {
    std::array<char, 4096> chunk{};
    for (;;) {
      if (const auto at = heard_.find(end); !end.empty() && at != std::string::npos) {
        auto text = heard_.substr(0, at + end.size());
        heard_.erase(0, at + end.size());
        return text;
      }
      const int count = SSL_read(ssl_.get(), chunk.data(), chunk.size());
      if (count <= 0) {
        return std::exchange(heard_, {});
      }
      heard_.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }

  std::string HearAll() { return HearUntil({}); }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  int fd_;
  std::unique_ptr<SSL_CTX, Free> context_{SSL_CTX_new(TLS_client_method())};
  std::unique_ptr<SSL, Free> ssl_{SSL_new(context_.get())};
  bool connected_ = false;
  std::string heard_;
};

}  // namespace tests

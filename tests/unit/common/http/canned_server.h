#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace tests {

/// Listens on a free port of loopback, takes one connection, reads until a blank line, writes
/// `answer` as it is, and closes. With `hold` it says nothing and closes with the object.
class CannedServer {
 public:
  enum class Manner { kAnswer, kHold };

  explicit CannedServer(std::string answer, Manner manner = Manner::kAnswer)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, raw, length) != 0 || ::listen(listener_, 1) != 0 ||
        ::getsockname(listener_, raw, &length) != 0) {
      throw std::runtime_error("cannot listen on loopback");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer), manner] { Serve(answer, manner); });
  }
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;
  ~CannedServer() {
    end_.set_value();
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  [[nodiscard]] std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }

  /// What the client sent, once it has its answer.
  [[nodiscard]] std::string Request() { return request_.get_future().get(); }

 private:
  void Serve(const std::string& answer, Manner manner) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
      return;
    }
    request_.set_value(ReadRequest(connection));
    if (manner == Manner::kHold) {
      end_.get_future().wait();
    } else {
      for (std::size_t sent = 0; sent < answer.size();) {
        const auto count =
            ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) {
          break;
        }
        sent += static_cast<std::size_t>(count);
      }
    }
    ::close(connection);
  }

  /// The head, and the body that its Content-Length announces.
  static std::string ReadRequest(int connection) {
    std::string request;
    std::array<char, 4096> chunk{};
    for (;;) {
      const auto blank_line = request.find("\r\n\r\n");
      if (blank_line != std::string::npos) {
        const auto field = request.find("Content-Length: ");
        const auto length = field == std::string::npos ? 0 : std::stoul(request.substr(field + 16));
        if (request.size() >= blank_line + 4 + length) {
          return request;
        }
      }
      const auto count = ::recv(connection, chunk.data(), chunk.size(), 0);
      if (count <= 0) {
        return request;
      }
      request.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::promise<std::string> request_;
  std::promise<void> end_;
  std::thread thread_;
};

}  // namespace tests

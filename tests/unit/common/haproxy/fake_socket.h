#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <utility>

namespace common::haproxy {

/// A runtime socket in a scratch directory. `serve` gets each of `connections` peers in turn, on
/// a thread of its own.
class FakeSocket {
 public:
  explicit FakeSocket(std::function<void(int peer)> serve, int connections = 1) {
    std::string pattern = (std::filesystem::temp_directory_path() / "haproxy-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    Path().string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    ::listen(listener_, 8);
    thread_ = std::thread([this, serve = std::move(serve), connections] {
      for (int i = 0; i < connections; ++i) {
        const int peer = ::accept(listener_, nullptr, nullptr);
        serve(peer);
        ::close(peer);
      }
    });
  }
  FakeSocket(const FakeSocket&) = delete;
  FakeSocket& operator=(const FakeSocket&) = delete;
  ~FakeSocket() {
    thread_.join();
    ::close(listener_);
    std::filesystem::remove_all(directory_);
  }

  [[nodiscard]] std::filesystem::path Path() const { return directory_ / "sock"; }

 private:
  std::filesystem::path directory_;
  int listener_ = -1;
  std::thread thread_;
};

inline std::string ReadLine(int peer) {
  std::string line;
  char c = 0;
  while (::read(peer, &c, 1) == 1 && c != '\n') {
    line += c;
  }
  return line;
}

inline void SendAll(int peer, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t count = ::send(peer, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) {
      return;
    }
    sent += static_cast<std::size_t>(count);
  }
}

}  // namespace common::haproxy

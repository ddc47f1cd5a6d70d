#include "integration/scaler/local/visitors.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace scaler::local {
namespace {

struct Outcome {
  int status = 0;
  std::string body;
  std::string lost;
  bool closes = false;
};

/// A visitor's connection, opened when it is needed.
class Connection {
 public:
  explicit Connection(int port) : port_(port) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { Close(); }

  void Close() {
    if (fd_ >= 0) {
      ::close(std::exchange(fd_, -1));
    }
  }

  bool Send(const std::string& path, bool keep) {
    if (fd_ < 0 && !Open()) {
      return false;
    }
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: shop\r\n" +
                                (keep ? "" : "Connection: close\r\n") + "\r\n";
    return ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(request.size());
  }

  Outcome Get(const std::string& path, bool keep) {
    if (!Send(path, keep)) {
      return Lost("connect and send");
    }
    Outcome outcome = Read();
    if (!keep || outcome.closes) {
      Close();
    }
    return outcome;
  }

 private:
  bool Open() {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

  Outcome Lost(const std::string& what) {
    Outcome outcome;
    outcome.lost = what + ": " + std::strerror(errno);
    Close();
    return outcome;
  }

  Outcome Read() {
    std::string answer;
    std::array<char, 4096> chunk{};
    for (;;) {
      const auto head = answer.find("\r\n\r\n");
      if (head != std::string::npos) {
        const auto length_at = answer.find("ontent-") == std::string::npos ? std::string::npos
                                                                           : answer.find("ength: ");
        const bool closes = answer.find("onnection: close") < head;
        const auto length =
            length_at < head ? static_cast<std::size_t>(std::atoi(answer.c_str() + length_at + 7))
                             : std::string::npos;
        if (length != std::string::npos && answer.size() >= head + 4 + length) {
          return {.status = std::atoi(answer.c_str() + 9),
                  .body = answer.substr(head + 4, length),
                  .lost = "",
                  .closes = closes};
        }
      }
      errno = 0;
      const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), 0);
      if (count < 0 && errno == EINTR) {
        continue;  // with a time limit the kernel does not go on by itself
      }
      if (count <= 0) {
        // HAProxy's own pages may end with the connection.
        if (count == 0 && head != std::string::npos) {
          return {.status = std::atoi(answer.c_str() + 9),
                  .body = answer.substr(head + 4),
                  .lost = "",
                  .closes = true};
        }
        return Lost(answer.empty() ? "no answer" : "half an answer");
      }
      answer.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }

  int port_;
  int fd_ = -1;
};

}  // namespace

int Visit(int port, const std::string& path, std::string* body) {
  const auto outcome = Connection(port).Get(path, false);
  if (body != nullptr) {
    *body = outcome.body;
  }
  return outcome.status;
}

void Poke(int port, const std::string& path) { Connection(port).Send(path, false); }

Visitors::Visitors(int port, int threads) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this, port, keep = i % 2 == 0] { Run(port, keep); });
  }
}

Visitors::~Visitors() {
  stop_ = true;
  for (auto& thread : threads_) {
    thread.join();
  }
}

Visitors::Count Visitors::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(count_, {});
}

void Visitors::Run(int port, bool keep) {
  Connection connection(port);
  while (!stop_) {
    const auto outcome = connection.Get("/", keep);
    const std::lock_guard lock(mutex_);
    if (!outcome.lost.empty()) {
      ++count_.lost[outcome.lost];
      continue;
    }
    ++count_.by_status[outcome.status];
    if (outcome.status == 200) {
      ++count_.by_body[outcome.body];
    } else {
      // A page of HAProxy comes at once: do not make a storm of it.
      ::usleep(2000);
    }
  }
}

}  // namespace scaler::local

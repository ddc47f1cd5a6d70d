#include "common/haproxy/runtime_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace common::haproxy {
namespace {

using Clock = std::chrono::steady_clock;

/// One connection, which HAProxy closes after its answer.
class Connection {
 public:
  Connection(const std::filesystem::path& socket, Clock::time_point deadline)
      : name_(socket.string()),
        deadline_(deadline),
        fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  Result<void> Connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (fd_ < 0) {
      return FailErrno(name_);
    }
    if (name_.size() >= sizeof(address.sun_path)) {
      return FailErrno(name_, ENAMETOOLONG);
    }
    std::memcpy(address.sun_path, name_.c_str(), name_.size());
    // A unix socket connects at once, or says EAGAIN while the listener's backlog is full.
    while (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      if (errno != EAGAIN && errno != EINTR) {
        return FailErrno(name_);
      }
      if (Clock::now() >= deadline_) {
        return FailErrno(name_, ETIMEDOUT);
      }
      ::poll(nullptr, 0, 10);
    }
    return {};
  }

  Result<void> Send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        text.remove_prefix(static_cast<std::size_t>(sent));
      } else if (auto waited = AfterFailure(POLLOUT); !waited) {
        return waited;
      }
    }
    return {};
  }

  Result<std::string> Receive() {
    std::string answer;
    std::array<char, 65536> chunk{};
    for (;;) {
      const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), 0);
      if (count == 0) {
        return answer;
      }
      if (count > 0) {
        answer.append(chunk.data(), static_cast<std::size_t>(count));
        if (answer.size() > kLongestAnswer) {
          return FailErrno(name_, EMSGSIZE);
        }
      } else if (auto waited = AfterFailure(POLLIN); !waited) {
        return tl::make_unexpected(waited.error());
      }
    }
  }

 private:
  /// After a call that failed: waits where waiting helps, else says why it does not.
  Result<void> AfterFailure(short events) {
    if (errno == EINTR) {
      return {};
    }
    if (errno != EAGAIN) {
      return FailErrno(name_);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
    pollfd wait{.fd = fd_, .events = events, .revents = 0};
    const auto timeout = std::max<std::chrono::milliseconds::rep>(left.count(), 0);
    if (timeout == 0 || ::poll(&wait, 1, static_cast<int>(timeout)) == 0) {
      return FailErrno(name_, ETIMEDOUT);
    }
    return {};
  }

  std::string name_;
  Clock::time_point deadline_;
  int fd_;
};

}  // namespace

Result<std::string> Execute(const std::filesystem::path& socket, std::string_view command,
                            std::chrono::milliseconds deadline) {
  Connection connection(socket, Clock::now() + deadline);
  return connection.Connect()
      .and_then([&] { return connection.Send(std::string(command) + "\n"); })
      .and_then([&] { return connection.Receive(); });
}

}  // namespace common::haproxy

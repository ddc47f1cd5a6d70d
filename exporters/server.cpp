#include "exporters/server.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cctype>
#include <charconv>
#include <exception>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <utility>

#include "common/log.h"
#include "exporters/router.h"

namespace exporters {
namespace {

// Every open connection holds a thread, a stream for as long as it lives; the rest is for
// scrapes, probes and a person's browser.
constexpr int kThreads = 40;
constexpr int kMostStreams = 16;
constexpr std::string_view kThreadsText = "40";
// Longer than the usual scrape interval of a local Prometheus would hold a thread for nothing.
constexpr const char* kKeepAliveMs = "5000";

using common::Result;

std::string ToText(const ListenAddress& address) {
  return fmt::format("{}:{}", address.host, address.port);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return lower;
}

/// The address as a socket address, if it is one that only this machine can reach.
Result<sockaddr_in> ToLoopback(const ListenAddress& address) {
  if (address.host == "::1") {
    return common::Fail(std::errc::address_family_not_supported,
                        "cannot listen on [::1]: this build serves IPv4 only; use 127.0.0.1");
  }
  sockaddr_in socket_address{};
  socket_address.sin_family = AF_INET;
  socket_address.sin_port = htons(address.port);
  const auto host = address.host == "localhost" ? "127.0.0.1" : address.host;
  const bool parsed = ::inet_pton(AF_INET, host.c_str(), &socket_address.sin_addr) == 1;
  const bool loopback = parsed && ntohl(socket_address.sin_addr.s_addr) >> 24U == 127;
  if (!loopback) {
    return common::Fail(
        std::errc::permission_denied,
        fmt::format("cannot listen on {}: a port beyond loopback needs TLS and authentication, "
                    "which this server has not; use 127.0.0.1:{}",
                    ToText(address), address.port));
  }
  return socket_address;
}

/// Says why nobody can listen there, in words that civetweb's own error has not.
Result<void> ProbeAddress(const ListenAddress& address, const sockaddr_in& socket_address) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) {
    return common::FailErrno("cannot make a socket");
  }
  const int on = 1;
  ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // sockaddr is how the system call wants every family.
  const auto* const generic = reinterpret_cast<const sockaddr*>(&socket_address);
  const int failed = ::bind(probe, generic, sizeof(socket_address)) != 0 ? errno : 0;
  ::close(probe);
  if (failed == EADDRINUSE) {
    return common::Fail(std::errc::address_in_use,
                        fmt::format("cannot listen on {}: another program listens there; stop it "
                                    "or choose another address with --listen",
                                    ToText(address)));
  }
  if (failed != 0) {
    return common::FailErrno("cannot listen on " + ToText(address), failed);
  }
  return {};
}

/// Ends the idle connections of a server, and its listening, at once.
///
/// civetweb looks at its stop flag only every 2 s while it waits for a peer, and does not tell
/// its descriptors; so this finds them by the address that they are bound to. Only their
/// reading side is closed: an answer that is being written still arrives.
void StopReading(const sockaddr_in& ours) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const auto name = entry.path().filename().string();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    sockaddr_in local{};
    socklen_t size = sizeof(local);
    const bool is_socket =
        fd >= 0 && ::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) == 0;
    if (is_socket && local.sin_family == AF_INET && local.sin_port == ours.sin_port &&
        local.sin_addr.s_addr == ours.sin_addr.s_addr) {
      ::shutdown(fd, SHUT_RD);
    }
  }
}

HttpRequest ToRequest(const mg_request_info& info) {
  HttpRequest request;
  request.method = info.request_method == nullptr ? "" : info.request_method;
  request.path = info.local_uri == nullptr ? "" : info.local_uri;
  request.query = ParseQuery(info.query_string == nullptr ? "" : info.query_string);
  for (int index = 0; index < info.num_headers; ++index) {
    const mg_header& header = info.http_headers[index];
    request.headers.insert_or_assign(LowerCase(header.name), header.value);
  }
  return request;
}

bool WriteAll(mg_connection* connection, std::string_view bytes) {
  return mg_write(connection, bytes.data(), bytes.size()) == static_cast<int>(bytes.size());
}

std::string Head(int status, std::string_view content_type, std::string_view more) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\n{}{}\r\n",
      status, StatusText(status), content_type, status == 405 ? "Allow: GET, HEAD\r\n" : "", more);
}

/// Writes one whole answer and returns its status for civetweb's own books.
int Send(mg_connection* connection, const HttpRequest& request, const HttpResponse& response) {
  auto bytes = Head(response.status, response.content_type,
                    fmt::format("Content-Length: {}\r\n", response.body.size()));
  if (request.method != "HEAD") {
    bytes += response.body;
  }
  if (!WriteAll(connection, bytes)) {
    mg_disable_keep_alive(connection);
  }
  return response.status;
}

class ChunkedSink final : public StreamSink {
 public:
  ChunkedSink(mg_connection* connection, const std::atomic<bool>& stopping)
      : connection_(connection), stopping_(stopping) {}

  bool Write(std::string_view bytes) override {
    if (bytes.empty()) {
      return !broken_;  // An empty chunk would end the stream.
    }
    if (broken_ || stopping_) {
      return false;
    }
    // In one call, so that a small frame is one packet.
    auto chunk = fmt::format("{:x}\r\n", bytes.size());
    chunk.append(bytes).append("\r\n");
    broken_ = !WriteAll(connection_, chunk);
    return !broken_;
  }

  [[nodiscard]] bool Stopping() const override { return stopping_; }

  void End() {
    if (!broken_) {
      (void)WriteAll(connection_, "0\r\n\r\n");
    }
  }

 private:
  mg_connection* connection_;
  const std::atomic<bool>& stopping_;
  bool broken_ = false;
};

}  // namespace

class Server::Impl {
 public:
  explicit Impl(Routes routes) : router_(std::move(routes)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    stopping_ = true;
    if (context_ != nullptr) {
      StopReading(bound_);
      mg_stop(context_);
    }
  }

  Result<void> Start(const ListenAddress& address) {
    auto loopback = ToLoopback(address);
    if (!loopback) {
      return tl::make_unexpected(loopback.error());
    }
    if (auto probed = ProbeAddress(address, *loopback); !probed) {
      return probed;
    }
    bound_ = *loopback;
    return StartCivetweb(address);
  }

  [[nodiscard]] std::uint16_t Port() const { return ntohs(bound_.sin_port); }

 private:
  Result<void> StartCivetweb(const ListenAddress& address) {
    // Without TLS: Debian's civetweb crashes on its first TLS connection.
    static std::once_flag initialized;
    std::call_once(initialized, [] { mg_init_library(MG_FEATURES_DEFAULT); });

    std::array<char, INET_ADDRSTRLEN> host{};
    ::inet_ntop(AF_INET, &bound_.sin_addr, host.data(), host.size());
    const auto listening = fmt::format("{}:{}", host.data(), address.port);
    std::array<const char*, 15> options = {"listening_ports",
                                           listening.c_str(),
                                           "num_threads",
                                           kThreadsText.data(),
                                           "enable_keep_alive",
                                           "yes",
                                           "keep_alive_timeout_ms",
                                           kKeepAliveMs,
                                           "request_timeout_ms",
                                           "10000",
                                           "tcp_nodelay",
                                           "1",
                                           "enable_auth_domain_check",
                                           "no",
                                           nullptr};
    mg_callbacks callbacks{};
    callbacks.begin_request = &Impl::OnRequest;
    callbacks.log_message = &Impl::OnLogMessage;
    mg_init_data start{};
    start.callbacks = &callbacks;
    start.user_data = this;
    start.configuration_options = options.data();
    std::array<char, 256> why{};
    unsigned code = 0;
    mg_error_data error{};
    error.code = &code;
    error.text = why.data();
    error.text_buffer_size = why.size();
    context_ = mg_start2(&start, &error);
    if (context_ == nullptr) {
      return common::Fail(std::errc::io_error,
                          fmt::format("cannot listen on {}: {}", ToText(address), why.data()));
    }
    mg_server_port port{};
    mg_get_server_ports(context_, 1, &port);
    bound_.sin_port = htons(static_cast<std::uint16_t>(port.port));
    return {};
  }

  /// civetweb's callbacks are C: nothing may be thrown through them.
  static int OnRequest(mg_connection* connection) noexcept {
    auto* const self = static_cast<Impl*>(mg_get_user_context_data(connection));
    return self->Handle(connection);
  }

  static int OnLogMessage(const mg_connection* /*connection*/, const char* message) noexcept {
    common::log::Debug("the HTTP server says", {{"message", message}});
    return 1;
  }

  int Handle(mg_connection* connection) {
    const auto request = ToRequest(*mg_get_request_info(connection));
    if (const auto* const stream = router_.FindStream(request.path)) {
      return HandleStream(connection, request, *stream);
    }
    return Send(connection, request, router_.Answer(request));
  }

  int HandleStream(mg_connection* connection, const HttpRequest& request,
                   const StreamHandler& stream) {
    if (!IsReadMethod(request.method)) {
      return Send(connection, request, MethodNotAllowed(request.method));
    }
    if (streams_.fetch_add(1) >= kMostStreams) {
      --streams_;
      return Send(connection, request,
                  {.status = 503,
                   .body = fmt::format("{} streams are open already; close one and try again.\n",
                                       kMostStreams)});
    }
    RunStream(connection, request, stream);
    --streams_;
    return 200;
  }

  void RunStream(mg_connection* connection, const HttpRequest& request,
                 const StreamHandler& stream) {
    // Its end is the end of the connection, so that a reader never waits for another answer.
    mg_disable_keep_alive(connection);
    const auto head = Head(200, "application/octet-stream",
                           "Transfer-Encoding: chunked\r\nConnection: close\r\n");
    if (!WriteAll(connection, head) || request.method == "HEAD") {
      return;
    }
    ChunkedSink sink(connection, stopping_);
    try {
      stream(request, sink);
      sink.End();
    } catch (const std::exception& error) {
      // The status is out already; an unfinished answer is how HTTP says "broken off".
      common::log::Error("a stream failed", {{"path", request.path}, {"error", error.what()}});
    }
  }

  Router router_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> streams_{0};
  sockaddr_in bound_{};
  mg_context* context_ = nullptr;
};

Result<std::unique_ptr<Server>> Server::Start(const ListenAddress& address, Routes routes) {
  auto impl = std::make_unique<Impl>(std::move(routes));
  return impl->Start(address).map(
      [&] { return std::unique_ptr<Server>(new Server(std::move(impl))); });
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() = default;

std::uint16_t Server::Port() const { return impl_->Port(); }

}  // namespace exporters

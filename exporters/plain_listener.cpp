#include "exporters/plain_listener.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "common/log.h"
#include "exporters/bind.h"
#include "exporters/response_head.h"

namespace exporters {
namespace {

// Every open connection holds a thread, a stream for as long as it lives; the rest is for
// scrapes, probes and a person's browser.
constexpr std::string_view kThreads = "40";
// Longer than the usual scrape interval of a local Prometheus would hold a thread for nothing.
constexpr const char* kKeepAliveMs = "5000";

using common::Result;

/// The host in civetweb's words. Debian's build serves IPv4 only.
Result<in_addr> ToIpv4(const ListenAddress& address) {
  in_addr host{.s_addr = htonl(INADDR_ANY)};
  const auto text = address.host == "localhost" ? "127.0.0.1" : address.host;
  if (!text.empty() && ::inet_pton(AF_INET, text.c_str(), &host) != 1) {
    return common::Fail(std::errc::address_family_not_supported,
                        fmt::format("cannot listen on {} without TLS: plain HTTP is served over "
                                    "IPv4 addresses only; use 127.0.0.1",
                                    ToText(address)));
  }
  return host;
}

/// Ends the idle connections of a server, and its listening, at once.
///
/// civetweb looks at its stop flag only every 2 s while it waits for a peer, and does not tell
/// its descriptors; so this finds them by the address that they are bound to. Only their
/// reading side is closed: an answer that is being written still arrives.
void StopReading(in_addr host, std::uint16_t port) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const auto name = entry.path().filename().string();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    sockaddr_in local{};
    socklen_t size = sizeof(local);
    const bool is_socket =
        fd >= 0 && ::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) == 0;
    if (is_socket && local.sin_family == AF_INET && ntohs(local.sin_port) == port &&
        (host.s_addr == htonl(INADDR_ANY) || local.sin_addr.s_addr == host.s_addr)) {
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

enum class Then { kKeepAlive, kClose };

/// Writes one whole answer and returns its status for civetweb's own books.
int Send(mg_connection* connection, const HttpRequest& request, const HttpResponse& response,
         Then then = Then::kKeepAlive) {
  const bool close = then == Then::kClose;
  auto bytes = RenderHeadWithLength(response, close ? "Connection: close\r\n" : "");
  if (request.method != "HEAD") {
    bytes += response.body;
  }
  if (!WriteAll(connection, bytes) || close) {
    mg_disable_keep_alive(connection);
  }
  return response.status;
}

/// A body that nobody reads would be taken for the next request.
Then AfterUnreadBody(const HttpRequest& request) {
  const bool has_body =
      request.headers.contains("transfer-encoding") || request.headers.contains("content-length");
  return has_body ? Then::kClose : Then::kKeepAlive;
}

/// Nothing where it is larger than a body may be.
std::optional<std::string> ReadBody(mg_connection* connection) {
  std::string body;
  std::array<char, 4096> chunk{};
  for (;;) {
    const int count = mg_read(connection, chunk.data(), chunk.size());
    if (count <= 0) {
      return body;
    }
    body.append(chunk.data(), static_cast<std::size_t>(count));
    if (body.size() > kLargestRequestBody) {
      return std::nullopt;
    }
  }
}

class ChunkedSink final : public StreamSink {
 public:
  ChunkedSink(mg_connection* connection, const std::atomic<bool>& stopping)
      : connection_(connection), stopping_(stopping) {}

  bool Write(std::string_view bytes) override {
    if (bytes.empty()) {
      return !broken_;  // An empty chunk would end the stream.
    }
    if (Stopping()) {
      return false;
    }
    // In one call, so that a small frame is one packet.
    broken_ = !WriteAll(connection_, RenderChunk(bytes));
    return !broken_;
  }

  [[nodiscard]] bool Stopping() const override { return broken_ || stopping_; }

  void End() {
    if (!broken_) {
      (void)WriteAll(connection_, kLastChunk);
    }
  }

 private:
  mg_connection* connection_;
  const std::atomic<bool>& stopping_;
  bool broken_ = false;
};

class PlainListener final : public Listener {
 public:
  explicit PlainListener(Router router) : router_(std::move(router)) {}
  PlainListener(const PlainListener&) = delete;
  PlainListener& operator=(const PlainListener&) = delete;

  ~PlainListener() override {
    stopping_ = true;
    if (context_ != nullptr) {
      StopReading(host_, port_);
      mg_stop(context_);
    }
  }

  Result<void> Start(const ListenAddress& address) {
    const auto host = ToIpv4(address);
    if (!host) {
      return tl::make_unexpected(host.error());
    }
    host_ = *host;
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &host_, text.data(), text.size());
    const ListenAddress numeric{.host = text.data(), .port = address.port};
    // Only tried: its words say why nobody can listen there, and civetweb's own do not.
    return Bind(numeric).and_then([&](const common::UniqueFd&) { return StartCivetweb(numeric); });
  }

  [[nodiscard]] std::uint16_t Port() const override { return port_; }

 private:
  Result<void> StartCivetweb(const ListenAddress& address) {
    // Without TLS: Debian's civetweb crashes on its first TLS connection.
    static std::once_flag initialized;
    std::call_once(initialized, [] { mg_init_library(MG_FEATURES_DEFAULT); });

    const auto listening = ToText(address);
    std::array<const char*, 15> options = {"listening_ports",
                                           listening.c_str(),
                                           "num_threads",
                                           kThreads.data(),
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
    callbacks.begin_request = &PlainListener::OnRequest;
    callbacks.log_message = &PlainListener::OnLogMessage;
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
                          fmt::format("cannot listen on {}: {}", listening, why.data()));
    }
    mg_server_port port{};
    mg_get_server_ports(context_, 1, &port);
    port_ = static_cast<std::uint16_t>(port.port);
    return {};
  }

  /// civetweb's callbacks are C: nothing may be thrown through them.
  static int OnRequest(mg_connection* connection) noexcept {
    auto* const self = static_cast<PlainListener*>(mg_get_user_context_data(connection));
    return self->Handle(connection);
  }

  static int OnLogMessage(const mg_connection* /*connection*/, const char* message) noexcept {
    common::log::Debug("the HTTP server says", {{"message", message}});
    return 1;
  }

  int Handle(mg_connection* connection) {
    auto request = ToRequest(*mg_get_request_info(connection));
    if (const auto refusal = router_.Refuse(request)) {
      return Send(connection, request, *refusal, AfterUnreadBody(request));
    }
    if (const auto* const stream = router_.FindStream(request.path)) {
      return HandleStream(connection, request, *stream);
    }
    if (!IsReadMethod(request.method)) {
      auto body = ReadBody(connection);
      if (!body) {
        return Send(connection, request, BodyTooLarge(), Then::kClose);
      }
      request.body = std::move(*body);
    }
    return Send(connection, request, router_.Answer(request));
  }

  int HandleStream(mg_connection* connection, const HttpRequest& request,
                   const StreamHandler& stream) {
    if (streams_.fetch_add(1) >= kMostStreams) {
      --streams_;
      return Send(connection, request, TooManyStreams());
    }
    RunStream(connection, request, stream);
    --streams_;
    return 200;
  }

  void RunStream(mg_connection* connection, const HttpRequest& request,
                 const StreamHandler& stream) {
    mg_disable_keep_alive(connection);
    if (!WriteAll(connection, RenderStreamHead()) || request.method == "HEAD") {
      return;
    }
    ChunkedSink sink(connection, stopping_);
    if (router_.Stream(stream, request, sink)) {
      sink.End();
    }
  }

  const Router router_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> streams_{0};
  in_addr host_{};
  std::uint16_t port_ = 0;
  mg_context* context_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Listener>> ListenPlain(const ListenAddress& address, Router router) {
  auto listener = std::make_unique<PlainListener>(std::move(router));
  return listener->Start(address).map(
      [&] { return std::unique_ptr<Listener>(std::move(listener)); });
}

}  // namespace exporters

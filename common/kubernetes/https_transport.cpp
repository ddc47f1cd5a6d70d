#include "common/kubernetes/https_transport.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <cctype>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace common::kubernetes {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr auto kConnectDeadline = std::chrono::seconds(10);
constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::size_t kMostIdle = 8;

std::string LowerCase(std::string_view text) {
  std::string lower;
  for (const char letter : text) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return lower;
}

/// One connection, which carries one request after the other. Asio's handlers keep it alive.
class KeptConnection {
 public:
  KeptConnection() = default;
  KeptConnection(const KeptConnection&) = delete;
  KeptConnection& operator=(const KeptConnection&) = delete;
  virtual ~KeptConnection() = default;

  /// `reusable` says, at the end, that it may carry another.
  virtual void Carry(const WireRequest& request, WireEvents events,
                     std::function<void()> reusable) = 0;
  /// Gives up what it carries and calls nobody any more.
  virtual void Close() = 0;
  /// The other side has not hung up while nothing was carried, as far as can be seen.
  [[nodiscard]] virtual bool IsAlive() = 0;
};

template <typename Wire>
class WireConnection final : public KeptConnection,
                             public std::enable_shared_from_this<WireConnection<Wire>> {
 public:
  template <typename... Arguments>
  WireConnection(asio::io_context& context, http::Address address, Arguments&... arguments)
      : resolver_(context), stream_(context, arguments...), address_(std::move(address)) {}

  Wire& Raw() { return stream_; }

  void Carry(const WireRequest& request, WireEvents events,
             std::function<void()> reusable) override {
    events_ = std::move(events);
    reusable_ = std::move(reusable);
    parser_.emplace();
    parser_->body_limit(boost::none);
    Compose(request);
    if (connected_) {
      Write({});
    } else {
      Connect();
    }
  }

  void Close() override {
    events_ = {};
    reusable_ = {};
    closed_ = true;
    resolver_.cancel();
    Socket().close();
  }

  bool IsAlive() override {
    ErrorCode error;
    auto& socket = Socket().socket();
    // A server that hung up has made the socket readable.
    const bool readable = socket.available(error) > 0;
    if (error || readable || !socket.is_open()) {
      return false;
    }
    char byte = 0;
    const auto count = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 private:
  static constexpr bool kTls = std::is_same_v<Wire, TlsStream>;

  beast::tcp_stream& Socket() { return beast::get_lowest_layer(stream_); }

  void Compose(const WireRequest& request) {
    request_ = {};
    request_.version(11);
    request_.method_string(request.method);
    request_.target(request.target);
    request_.set(beast::http::field::host, http::Authority(address_));
    for (const auto& [name, value] : request.headers) {
      request_.set(name, value);
    }
    request_.body() = request.body;
    request_.prepare_payload();
  }

  void Connect() {
    Socket().expires_after(kConnectDeadline);
    ErrorCode not_numeric;
    const auto numeric = asio::ip::make_address(address_.host, not_numeric);
    if (!not_numeric) {
      const tcp::endpoint endpoint(numeric, static_cast<std::uint16_t>(std::stoi(address_.port)));
      Socket().async_connect(endpoint, [self = this->shared_from_this()](ErrorCode error) {
        self->ShakeHands(error);
      });
      return;
    }
    resolver_.async_resolve(
        address_.host, address_.port,
        [self = this->shared_from_this()](ErrorCode error, const tcp::resolver::results_type& to) {
          if (error || self->closed_) {
            self->Fail(error, "cannot be resolved");
            return;
          }
          self->Socket().async_connect(
              to, [self](ErrorCode failed, const auto&) { self->ShakeHands(failed); });
        });
  }

  void ShakeHands(ErrorCode error) {
    if (error) {
      Fail(error, "cannot be reached");
      return;
    }
    // Or a request would wait for the server's word on the end of the handshake.
    ErrorCode ignored;
    Socket().socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (kTls) {
      stream_.async_handshake(
          asio::ssl::stream_base::client,
          [self = this->shared_from_this()](ErrorCode failed) { self->Connected(failed); });
    } else {
      Connected({});
    }
  }

  void Connected(ErrorCode error) {
    if (error) {
      Fail(error, "agrees on no TLS");
      return;
    }
    Socket().expires_never();
    connected_ = true;
    Write({});
  }

  void Write(ErrorCode /*connected*/) {
    beast::http::async_write(stream_, request_,
                             [self = this->shared_from_this()](ErrorCode failed, std::size_t) {
                               // A server that refuses may have answered before it hung up.
                               if (failed && failed != asio::error::broken_pipe &&
                                   failed != asio::error::connection_reset) {
                                 self->Fail(failed, "does not take the request");
                                 return;
                               }
                               self->ReadHead();
                             });
  }

  void ReadHead() {
    beast::http::async_read_header(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](ErrorCode failed, std::size_t) { self->OnHead(failed); });
  }

  void OnHead(ErrorCode error) {
    if (error) {
      Fail(error, "gives no answer");
      return;
    }
    http::Headers headers;
    for (const auto& field : parser_->get()) {
      headers[LowerCase(std::string_view(field.name_string()))] = std::string(field.value());
    }
    if (const auto call = events_.on_head) {
      call(static_cast<int>(parser_->get().result_int()), headers);
    }
    ReadSome();
  }

  void ReadSome() {
    if (closed_) {
      return;
    }
    if (parser_->is_done()) {
      Finish();
      return;
    }
    parser_->get().body().data = chunk_.data();
    parser_->get().body().size = chunk_.size();
    beast::http::async_read_some(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](ErrorCode failed, std::size_t) { self->OnSome(failed); });
  }

  void OnSome(ErrorCode error) {
    if (error && error != beast::http::error::need_buffer) {
      Fail(error, "broke off");
      return;
    }
    const auto size = chunk_.size() - parser_->get().body().size;
    if (size > 0) {
      // A copy, since the call may give itself up and with it the function that runs.
      if (const auto call = events_.on_bytes) {
        call({chunk_.data(), size});
      }
    }
    ReadSome();
  }

  void Finish() {
    const auto end = std::exchange(events_, {}).on_end;
    const auto reusable = std::exchange(reusable_, {});
    if (parser_->keep_alive() && reusable) {
      reusable();
    } else {
      Close();
    }
    if (end) {
      end({});
    }
  }

  void Fail(const ErrorCode& error, const char* what) {
    const auto end = std::exchange(events_, {}).on_end;
    const auto words = Explain(error);
    Close();
    if (end) {
      const bool of_system = error.category() == boost::system::system_category();
      end(tl::make_unexpected(
          Error{of_system ? std::error_code(error.value(), std::generic_category())
                          : std::make_error_code(std::errc::connection_reset),
                fmt::format("the API server {} {}: {}", http::Authority(address_), what, words)}));
    }
  }

  std::string Explain(const ErrorCode& error) {
    if (error == beast::error::timeout) {
      return "not in time";
    }
    if constexpr (kTls) {
      return tls::ExplainFailure(stream_.native_handle(), error);
    }
    return error.message();
  }

  tcp::resolver resolver_;
  Wire stream_;
  http::Address address_;
  WireEvents events_;
  std::function<void()> reusable_;
  beast::http::request<beast::http::string_body> request_;
  std::optional<beast::http::response_parser<beast::http::buffer_body>> parser_;
  beast::flat_buffer buffer_{2 * kChunkBytes};
  std::array<char, kChunkBytes> chunk_{};
  bool connected_ = false;
  bool closed_ = false;
};

/// What the caller holds.
class Call final : public WireCall {
 public:
  explicit Call(std::weak_ptr<KeptConnection> connection, std::shared_ptr<bool> over)
      : connection_(std::move(connection)), over_(std::move(over)) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() override {
    // At its end the connection may carry somebody else's request already.
    if (const auto connection = connection_.lock(); connection && !*over_) {
      *over_ = true;
      connection->Close();
    }
  }

 private:
  std::weak_ptr<KeptConnection> connection_;
  std::shared_ptr<bool> over_;
};

}  // namespace

class HttpsTransport::Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(asio::io_context& context, const Access& access, std::unique_ptr<tls::ReloadingContext> tls)
      : context_(context), access_(access), tls_(std::move(tls)) {}

  std::unique_ptr<WireCall> Start(WireRequest request, WireEvents events) {
    request.target = access_.path_prefix + request.target;
    auto connection = TakeIdle();
    if (!connection) {
      auto made = Dial();
      if (!made) {
        return FailSoon(std::move(events), made.error());
      }
      connection = *made;
    }
    auto over = std::make_shared<bool>(false);
    events.on_end = [over, end = std::move(events.on_end)](const Result<void>& result) {
      // Given up, or over: never both.
      if (!std::exchange(*over, true) && end) {
        end(result);
      }
    };
    auto call = std::make_unique<Call>(connection, over);
    // Posted, so that nothing is called before we have returned.
    asio::post(context_, [pool = weak_from_this(), connection, over, request = std::move(request),
                          events = std::move(events)]() mutable {
      if (!*over) {
        connection->Carry(request, std::move(events), [pool, connection] {
          if (const auto self = pool.lock()) {
            self->Keep(connection);
          } else {
            connection->Close();
          }
        });
      }
    });
    return call;
  }

  void CloseIdle() {
    for (const auto& connection : std::exchange(idle_, {})) {
      connection->Close();
    }
  }

 private:
  std::shared_ptr<KeptConnection> TakeIdle() {
    while (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->IsAlive()) {
        return connection;
      }
      connection->Close();
    }
    return nullptr;
  }

  Result<std::shared_ptr<KeptConnection>> Dial() {
    if (!access_.server.tls) {
      return std::make_shared<WireConnection<PlainStream>>(context_, access_.server);
    }
    const auto tls = tls_->Current();
    SSL_CTX_up_ref(tls.get());
    asio::ssl::context borrowed(tls.get());  // Takes over one reference.
    auto connection =
        std::make_shared<WireConnection<TlsStream>>(context_, access_.server, borrowed);
    return tls::ExpectServer(connection->Raw().native_handle(), access_.tls, access_.server.host)
        .map([&]() -> std::shared_ptr<KeptConnection> { return connection; });
  }

  std::unique_ptr<WireCall> FailSoon(WireEvents events, Error error) {
    auto over = std::make_shared<bool>(false);
    asio::post(context_, [over, end = std::move(events.on_end), error = std::move(error)] {
      if (!std::exchange(*over, true) && end) {
        end(tl::make_unexpected(error));
      }
    });
    return std::make_unique<Call>(std::weak_ptr<KeptConnection>(), over);
  }

  void Keep(const std::shared_ptr<KeptConnection>& connection) {
    if (idle_.size() >= kMostIdle) {
      connection->Close();
      return;
    }
    idle_.push_back(connection);
  }

  asio::io_context& context_;
  const Access& access_;
  std::unique_ptr<tls::ReloadingContext> tls_;
  std::vector<std::shared_ptr<KeptConnection>>
      idle_;  ///< The one that was used last is taken first.
};

Result<std::unique_ptr<HttpsTransport>> HttpsTransport::Open(asio::io_context& context,
                                                             const Access& access) {
  return tls::OpenClientContext(access.tls).map([&](std::unique_ptr<tls::ReloadingContext> tls) {
    return std::unique_ptr<HttpsTransport>(
        new HttpsTransport(std::make_shared<Pool>(context, access, std::move(tls))));
  });
}

HttpsTransport::HttpsTransport(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}

HttpsTransport::~HttpsTransport() { pool_->CloseIdle(); }

std::unique_ptr<WireCall> HttpsTransport::Start(WireRequest request, WireEvents events) {
  return pool_->Start(std::move(request), std::move(events));
}

}  // namespace common::kubernetes

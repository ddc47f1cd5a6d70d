#include "common/kubernetes/kept_connection.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
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

std::string LowerCase(std::string_view text) {
  std::string lower;
  for (const char letter : text) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return lower;
}

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
    kept_ = connected_;
    used_ = true;
    if (connected_) {
      Write();
    } else {
      Connect();
    }
  }

  void Prepare(std::function<void(Result<void>)> ready) override {
    ready_ = std::move(ready);
    Connect();
  }

  void Close() override {
    events_ = {};
    reusable_ = {};
    ready_ = {};
    closed_ = true;
    resolver_.cancel();
    Socket().close();
  }

  bool IsAlive() override {
    auto& socket = Socket().socket();
    if (!socket.is_open()) {
      return false;
    }
    pollfd look{.fd = socket.native_handle(), .events = POLLIN | POLLRDHUP, .revents = 0};
    if (::poll(&look, 1, 0) < 0 ||
        (look.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0) {
      return false;
    }
    // What comes unasked makes no sense, but for the tickets that TLS 1.3 sends after the
    // handshake: they are read with the first answer.
    return (look.revents & POLLIN) == 0 || (kTls && !used_);
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
    if (used_) {
      Write();
    } else if (const auto ready = std::exchange(ready_, {})) {
      ready({});
    }
  }

  void Write() {
    beast::http::async_write(stream_, request_,
                             [self = this->shared_from_this()](ErrorCode failed, std::size_t) {
                               // A server that refuses may have answered before it hung up.
                               if (failed && failed != asio::error::broken_pipe &&
                                   failed != asio::error::connection_reset) {
                                 self->Fail(failed, "does not take the request");
                                 return;
                               }
                               if (const auto sent = self->events_.on_sent; sent && !failed) {
                                 sent(self->kept_);
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
    const auto ready = std::exchange(ready_, {});
    const auto words = Explain(error);
    Close();
    if (const auto& tell = end ? end : ready) {
      const bool of_system = error.category() == boost::system::system_category();
      tell(tl::make_unexpected(
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
  std::function<void(Result<void>)> ready_;
  beast::http::request<beast::http::string_body> request_;
  std::optional<beast::http::response_parser<beast::http::buffer_body>> parser_;
  beast::flat_buffer buffer_{2 * kChunkBytes};
  std::array<char, kChunkBytes> chunk_{};
  bool connected_ = false;
  bool used_ = false;  ///< It carries a request, or has carried one.
  bool kept_ = false;  ///< It was connected before the request came.
  bool closed_ = false;
};

}  // namespace

Result<std::shared_ptr<KeptConnection>> MakeConnection(asio::io_context& context,
                                                       const Access& access,
                                                       tls::ReloadingContext* tls) {
  if (!access.server.tls) {
    return std::make_shared<WireConnection<PlainStream>>(context, access.server);
  }
  const auto current = tls->Current();
  SSL_CTX_up_ref(current.get());
  asio::ssl::context borrowed(current.get());  // Takes over one reference.
  auto connection = std::make_shared<WireConnection<TlsStream>>(context, access.server, borrowed);
  return tls::ExpectServer(connection->Raw().native_handle(), access.tls, access.server.host)
      .map([&]() -> std::shared_ptr<KeptConnection> { return connection; });
}

}  // namespace common::kubernetes

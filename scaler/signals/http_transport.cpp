#include "scaler/signals/http_transport.h"

#include <openssl/ssl.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <functional>
#include <type_traits>
#include <utility>

namespace scaler::signals {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using common::Result;
using ErrorCode = boost::system::error_code;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr auto kDialDeadline = std::chrono::seconds(3);
constexpr std::size_t kChunkBytes = 64 * 1024;

/// Whom to dial, and what to say.
struct Call {
  std::string name;  ///< As the configuration writes the address.
  common::http::Address address;
  std::string authorization;  ///< May be empty.
};

struct Callbacks {
  std::function<void(std::string_view)> on_bytes;
  std::function<void(const common::Error&)> on_end;
};

/// Something that can be told to call nobody any more.
class Dialed {
 public:
  Dialed() = default;
  Dialed(const Dialed&) = delete;
  Dialed& operator=(const Dialed&) = delete;
  virtual ~Dialed() = default;
  virtual void Silence() = 0;
};

/// One connection. Asio's handlers keep it alive; after Silence it calls nobody.
template <typename Wire>
class Session final : public Dialed, public std::enable_shared_from_this<Session<Wire>> {
 public:
  /// `arguments` are what the wire takes beside the context.
  template <typename... Arguments>
  Session(asio::io_context& context, Call call, Callbacks callbacks, Arguments&... arguments)
      : resolver_(context),
        stream_(context, arguments...),
        call_(std::move(call)),
        callbacks_(std::move(callbacks)) {}

  Wire& Raw() { return stream_; }

  void Start() {
    resolver_.async_resolve(call_.address.host, call_.address.port,
                            [self = this->shared_from_this()](
                                ErrorCode error, const asio::ip::tcp::resolver::results_type& to) {
                              self->Connect(error, to);
                            });
  }

  /// Nothing is called after this.
  void Silence() override {
    silenced_ = true;
    closed_ = true;
    resolver_.cancel();
    Socket().close();
  }

 private:
  beast::tcp_stream& Socket() { return beast::get_lowest_layer(stream_); }

  void Connect(ErrorCode error, const asio::ip::tcp::resolver::results_type& to) {
    if (error) {
      End(error, "cannot be resolved");
      return;
    }
    Socket().expires_after(kDialDeadline);
    Socket().async_connect(to, [self = this->shared_from_this()](ErrorCode failed, const auto&) {
      self->ShakeHands(failed);
    });
  }

  void ShakeHands(ErrorCode error) {
    if (error) {
      End(error, "cannot be reached");
      return;
    }
    // Or the request would wait for the agent's word on the end of the handshake.
    ErrorCode ignored;
    Socket().socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    if constexpr (std::is_same_v<Wire, TlsStream>) {
      stream_.async_handshake(
          asio::ssl::stream_base::client,
          [self = this->shared_from_this()](ErrorCode failed) { self->Ask(failed); });
    } else {
      Ask({});
    }
  }

  void Ask(ErrorCode error) {
    if (error) {
      End(error, "agrees on no TLS");
      return;
    }
    request_.method(http::verb::get);
    request_.target("/signals");
    request_.set(http::field::host, common::http::Authority(call_.address));
    if (!call_.authorization.empty()) {
      request_.set(http::field::authorization, call_.authorization);
    }
    http::async_write(stream_, request_,
                      [self = this->shared_from_this()](ErrorCode failed, std::size_t) {
                        self->AwaitHeader(failed);
                      });
  }

  void AwaitHeader(ErrorCode error) {
    if (error) {
      End(error, "does not take the request");
      return;
    }
    parser_.body_limit(boost::none);
    http::async_read_header(stream_, buffer_, parser_,
                            [self = this->shared_from_this()](ErrorCode failed, std::size_t) {
                              self->OnHeader(failed);
                            });
  }

  void OnHeader(ErrorCode error) {
    if (error) {
      End(error, "gives no answer");
      return;
    }
    if (parser_.get().result() != http::status::ok) {
      const auto status = parser_.get().result();
      End(status == http::status::unauthorized || status == http::status::forbidden
              ? asio::error::access_denied
              : asio::error::connection_refused,
          "answers " + std::to_string(parser_.get().result_int()));
      return;
    }
    Socket().expires_never();  // From here on the reader's own silence limit rules.
    ReadSome();
  }

  void ReadSome() {
    parser_.get().body().data = chunk_.data();
    parser_.get().body().size = chunk_.size();
    http::async_read_some(
        stream_, buffer_, parser_,
        [self = this->shared_from_this()](ErrorCode failed, std::size_t) { self->OnSome(failed); });
  }

  void OnSome(ErrorCode error) {
    if (error && error != http::error::need_buffer) {
      End(error, "broke off");
      return;
    }
    const auto size = chunk_.size() - parser_.get().body().size;
    if (!closed_ && size > 0) {
      callbacks_.on_bytes({chunk_.data(), size});
    }
    if (closed_) {
      return;
    }
    if (parser_.is_done()) {
      End(asio::error::eof, "ended the stream");
      return;
    }
    ReadSome();
  }

  void End(const ErrorCode& error, const std::string& what) {
    if (closed_) {
      return;
    }
    closed_ = true;
    // Posted, because Start may end before Open has returned.
    asio::post(Socket().get_executor(),
               [self = this->shared_from_this(), error = Explain(error, what)] {
                 if (!self->silenced_) {
                   self->callbacks_.on_end(error);
                 }
               });
  }

  common::Error Explain(const ErrorCode& error, const std::string& what) {
    auto why = error.message();
    if constexpr (std::is_same_v<Wire, TlsStream>) {
      why = common::tls::ExplainFailure(stream_.native_handle(), error);
    }
    const bool of_system = error.category() == boost::system::system_category();
    return {of_system ? std::error_code(error.value(), std::generic_category())
                      : std::make_error_code(std::errc::protocol_error),
            "agent " + call_.name + " " + what + ": " + why};
  }

  asio::ip::tcp::resolver resolver_;
  Wire stream_;
  Call call_;
  Callbacks callbacks_;
  http::request<http::empty_body> request_;
  http::response_parser<http::buffer_body> parser_;
  beast::flat_buffer buffer_{kChunkBytes};
  std::array<char, kChunkBytes> chunk_{};
  bool closed_ = false;
  bool silenced_ = false;
};

class HttpStream final : public Stream {
 public:
  explicit HttpStream(std::shared_ptr<Dialed> session) : session_(std::move(session)) {}
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;
  ~HttpStream() override { session_->Silence(); }

 private:
  std::shared_ptr<Dialed> session_;
};

/// What could not even be dialed.
class Undialed final : public Dialed, public std::enable_shared_from_this<Undialed> {
 public:
  void Start(asio::io_context& context, common::Error error, Callbacks callbacks) {
    // Posted, because nothing may be called before Open has returned.
    asio::post(context, [self = shared_from_this(), error = std::move(error),
                         callbacks = std::move(callbacks)] {
      if (!self->silenced_) {
        callbacks.on_end(error);
      }
    });
  }

  void Silence() override { silenced_ = true; }

 private:
  bool silenced_ = false;
};

Result<std::shared_ptr<Dialed>> Dial(asio::io_context& context,
                                     const common::http::Credentials& credentials, Call call,
                                     const Callbacks& callbacks) {
  if (!call.address.tls) {
    auto session = std::make_shared<Session<PlainStream>>(context, std::move(call), callbacks);
    session->Start();
    return session;
  }
  const auto tls = credentials.TlsContext();
  SSL_CTX_up_ref(tls.get());
  asio::ssl::context borrowed(tls.get());  // Takes over one reference.
  const auto host = call.address.host;
  auto session =
      std::make_shared<Session<TlsStream>>(context, std::move(call), callbacks, borrowed);
  return common::tls::ExpectServer(session->Raw().native_handle(), credentials.Tls(), host)
      .map([&]() -> std::shared_ptr<Dialed> {
        session->Start();
        return session;
      });
}

}  // namespace

std::unique_ptr<Stream> HttpTransport::Open(const std::string& address,
                                            std::function<void(std::string_view)> on_bytes,
                                            std::function<void(const common::Error&)> on_end) {
  const Callbacks callbacks{std::move(on_bytes), std::move(on_end)};
  auto dialed =
      ReadyCredentials()
          .and_then([&] { return credentials_->ParseAddress(address); })
          .and_then([&](const common::http::Address& parsed) {
            return credentials_->AuthorizationFor(parsed).and_then(
                [&](const std::string& authorization) {
                  return Dial(context_, *credentials_, {address, parsed, authorization}, callbacks);
                });
          });
  if (dialed) {
    return std::make_unique<HttpStream>(*dialed);
  }
  const auto undialed = std::make_shared<Undialed>();
  undialed->Start(context_, {dialed.error().code, "agent " + address + ": " + dialed.error().what},
                  callbacks);
  return std::make_unique<HttpStream>(undialed);
}

common::Result<void> HttpTransport::ReadyCredentials() {
  if (credentials_) {
    return {};
  }
  return common::http::Credentials::Open({}).map(
      [&](std::shared_ptr<common::http::Credentials> opened) { credentials_ = std::move(opened); });
}

}  // namespace scaler::signals

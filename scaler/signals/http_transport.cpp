#include "scaler/signals/http_transport.h"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

namespace scaler::signals {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using ErrorCode = boost::system::error_code;

constexpr auto kDialDeadline = std::chrono::seconds(3);
constexpr std::size_t kChunkBytes = 64 * 1024;

/// One connection. Asio's handlers keep it alive; after Silence it calls nobody.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(asio::io_context& context, std::string address,
          std::function<void(std::string_view)> on_bytes,
          std::function<void(const common::Error&)> on_end)
      : resolver_(context),
        stream_(context),
        address_(std::move(address)),
        on_bytes_(std::move(on_bytes)),
        on_end_(std::move(on_end)) {}

  void Start() {
    const auto colon = address_.rfind(':');
    if (colon == std::string::npos) {
      End(asio::error::invalid_argument, "has no port");
      return;
    }
    resolver_.async_resolve(address_.substr(0, colon), address_.substr(colon + 1),
                            [self = shared_from_this()](
                                ErrorCode error, const asio::ip::tcp::resolver::results_type& to) {
                              self->Connect(error, to);
                            });
  }

  /// Nothing is called after this.
  void Silence() {
    silenced_ = true;
    closed_ = true;
    resolver_.cancel();
    stream_.close();
  }

 private:
  void Connect(ErrorCode error, const asio::ip::tcp::resolver::results_type& to) {
    if (error) {
      End(error, "cannot be resolved");
      return;
    }
    stream_.expires_after(kDialDeadline);
    stream_.async_connect(
        to, [self = shared_from_this()](ErrorCode failed, const auto&) { self->Ask(failed); });
  }

  void Ask(ErrorCode error) {
    if (error) {
      End(error, "cannot be reached");
      return;
    }
    request_.method(http::verb::get);
    request_.target("/signals");
    request_.set(http::field::host, address_);
    http::async_write(
        stream_, request_,
        [self = shared_from_this()](ErrorCode failed, std::size_t) { self->AwaitHeader(failed); });
  }

  void AwaitHeader(ErrorCode error) {
    if (error) {
      End(error, "does not take the request");
      return;
    }
    parser_.body_limit(boost::none);
    http::async_read_header(
        stream_, buffer_, parser_,
        [self = shared_from_this()](ErrorCode failed, std::size_t) { self->OnHeader(failed); });
  }

  void OnHeader(ErrorCode error) {
    if (error) {
      End(error, "gives no answer");
      return;
    }
    if (parser_.get().result() != http::status::ok) {
      End(asio::error::connection_refused, "answers " + std::to_string(parser_.get().result_int()));
      return;
    }
    stream_.expires_never();  // From here on the reader's own silence limit rules.
    ReadSome();
  }

  void ReadSome() {
    parser_.get().body().data = chunk_.data();
    parser_.get().body().size = chunk_.size();
    http::async_read_some(
        stream_, buffer_, parser_,
        [self = shared_from_this()](ErrorCode failed, std::size_t) { self->OnSome(failed); });
  }

  void OnSome(ErrorCode error) {
    if (error && error != http::error::need_buffer) {
      End(error, "broke off");
      return;
    }
    const auto size = chunk_.size() - parser_.get().body().size;
    if (!closed_ && size > 0) {
      on_bytes_({chunk_.data(), size});
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
    asio::post(stream_.get_executor(), [self = shared_from_this(), error, what] {
      if (!self->silenced_) {
        self->on_end_({std::error_code(error.value(), std::generic_category()),
                       "agent " + self->address_ + " " + what + ": " + error.message()});
      }
    });
  }

  asio::ip::tcp::resolver resolver_;
  beast::tcp_stream stream_;
  std::string address_;
  std::function<void(std::string_view)> on_bytes_;
  std::function<void(const common::Error&)> on_end_;
  http::request<http::empty_body> request_;
  http::response_parser<http::buffer_body> parser_;
  beast::flat_buffer buffer_{kChunkBytes};
  std::array<char, kChunkBytes> chunk_{};
  bool closed_ = false;
  bool silenced_ = false;
};

class HttpStream final : public Stream {
 public:
  explicit HttpStream(std::shared_ptr<Session> session) : session_(std::move(session)) {
    session_->Start();
  }
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;
  ~HttpStream() override { session_->Silence(); }

 private:
  std::shared_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<Stream> HttpTransport::Open(const std::string& address,
                                            std::function<void(std::string_view)> on_bytes,
                                            std::function<void(const common::Error&)> on_end) {
  return std::make_unique<HttpStream>(
      std::make_shared<Session>(context_, address, std::move(on_bytes), std::move(on_end)));
}

}  // namespace scaler::signals

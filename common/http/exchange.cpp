#include "common/http/exchange.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <cctype>
#include <type_traits>
#include <utility>

#include "common/text.h"

namespace common::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using Request = beast::http::request<beast::http::string_body>;

/// What went wrong, in the codes that the header promises.
tl::unexpected<Error> Explain(const std::string& url, const error_code& error) {
  if (error == beast::error::timeout) {
    return Fail(std::errc::timed_out, url + ": no answer in time");
  }
  if (error == asio::error::connection_refused) {
    return Fail(std::errc::connection_refused, url + ": nobody listens there");
  }
  if (error == beast::http::error::body_limit || error == beast::http::error::header_limit) {
    return Fail(std::errc::message_size, url + ": the answer is too large");
  }
  if (error == beast::http::error::end_of_stream || error == beast::http::error::partial_message ||
      error == asio::error::connection_reset || error == asio::error::eof ||
      error == asio::error::broken_pipe || error == asio::ssl::error::stream_truncated) {
    return Fail(std::errc::connection_reset, url + ": the connection broke before the answer");
  }
  if (error.category() ==
      beast::http::make_error_code(beast::http::error::bad_version).category()) {
    return Fail(std::errc::bad_message, url + ": the answer is not HTTP: " + error.message());
  }
  return tl::make_unexpected(Error{error, url + ": " + error.message()});
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return lower;
}

Response ToResponse(beast::http::response<beast::http::string_body> message) {
  Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.headers[LowerCase(std::string_view(field.name_string()))] = std::string(field.value());
  }
  response.body = std::move(message.body());
  return response;
}

template <typename Stream>
class Exchange {
 public:
  template <typename... Arguments>
  Exchange(std::string url, Request request, std::size_t largest_body, Arguments&... arguments)
      : url_(std::move(url)), request_(std::move(request)), stream_(context_, arguments...) {
    parser_.body_limit(largest_body);
    // The answer to HEAD announces a body that does not come.
    parser_.skip(request_.method() == beast::http::verb::head);
  }

  Stream& Raw() { return stream_; }

  Result<Response> Run(const Address& address, std::chrono::milliseconds deadline) {
    // Set once, so it bounds the whole and not each step.
    Socket().expires_after(deadline);
    error_code not_numeric;
    const auto numeric = asio::ip::make_address(address.host, not_numeric);
    if (not_numeric) {
      Resolve(address);
    } else {
      const auto port = static_cast<std::uint16_t>(*ParseUnsigned(address.port));
      Socket().async_connect(tcp::endpoint(numeric, port),
                             [this](error_code error) { OnConnected(error); });
    }
    context_.run();
    if (error_) {
      return Failed();
    }
    return ToResponse(parser_.release());
  }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  beast::tcp_stream& Socket() { return beast::get_lowest_layer(stream_); }

  /// Asio resolves on a thread of its own that nothing can interrupt; numeric addresses do
  /// without it.
  void Resolve(const Address& address) {
    resolver_.async_resolve(address.host, address.port,
                            [this](error_code error, const tcp::resolver::results_type& endpoints) {
                              if (error) {
                                error_ = error;
                                return;
                              }
                              Socket().async_connect(
                                  endpoints, [this](error_code failure, const tcp::endpoint&) {
                                    OnConnected(failure);
                                  });
                            });
  }

  void OnConnected(error_code error) {
    if (error) {
      error_ = error;
      return;
    }
    // Or the request would wait for the server's word on the end of the handshake.
    error_code ignored;
    Socket().socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (kTls) {
      shaking_hands_ = true;
      stream_.async_handshake(asio::ssl::stream_base::client, [this](error_code failure) {
        error_ = failure;
        if (!failure) {
          shaking_hands_ = false;
          Write();
        }
      });
    } else {
      Write();
    }
  }

  void Write() {
    beast::http::async_write(stream_, request_, [this](error_code failure, std::size_t) {
      // A server that refuses a large body may have answered before it hung up.
      if (failure && failure != asio::error::broken_pipe &&
          failure != asio::error::connection_reset) {
        error_ = failure;
        return;
      }
      Read();
    });
  }

  void Read() {
    beast::http::async_read(stream_, buffer_, parser_,
                            [this](error_code error, std::size_t) { error_ = error; });
  }

  tl::unexpected<Error> Failed() {
    if constexpr (kTls) {
      const bool broken = error_ == asio::error::eof || error_ == asio::error::connection_reset ||
                          error_ == asio::ssl::error::stream_truncated;
      if (shaking_hands_ && broken) {
        return Fail(std::errc::protocol_error,
                    url_ + ": it closed the connection before TLS was agreed on");
      }
      if (error_.category() == asio::error::get_ssl_category()) {
        return Fail(std::errc::protocol_error,
                    url_ + ": " + tls::ExplainFailure(stream_.native_handle(), error_));
      }
    }
    return Explain(url_, error_);
  }

  std::string url_;
  Request request_;
  asio::io_context context_{1};
  tcp::resolver resolver_{context_};
  Stream stream_;
  beast::flat_buffer buffer_{1U << 20U};
  beast::http::response_parser<beast::http::string_body> parser_;
  error_code error_;
  bool shaking_hands_ = false;
};

Request ToRequest(const Address& address, const Question& question) {
  Request request;
  request.version(11);
  request.method_string(question.method);
  request.target(question.target);
  request.set(beast::http::field::host, Authority(address));
  request.set(beast::http::field::connection, "close");
  for (const auto& [name, value] : question.headers) {
    request.set(name, value);
  }
  request.body() = question.body;
  request.prepare_payload();
  return request;
}

Result<Response> AskOverTls(const Address& address, const Question& question, std::string url,
                            std::chrono::milliseconds deadline, const tls::Context& context,
                            const tls::ClientFiles& files) {
  SSL_CTX_up_ref(context.get());
  asio::ssl::context borrowed(context.get());  // Takes over one reference.
  Exchange<TlsStream> exchange(std::move(url), ToRequest(address, question), question.largest_body,
                               borrowed);
  return tls::ExpectServer(exchange.Raw().native_handle(), files, address.host).and_then([&] {
    return exchange.Run(address, deadline);
  });
}

}  // namespace

Result<Response> Ask(const Address& address, const Question& question,
                     std::chrono::milliseconds deadline, const tls::Context& context,
                     const tls::ClientFiles& files) {
  auto url = (address.tls ? "https://" : "http://") + Authority(address) + question.target;
  if (address.tls) {
    return AskOverTls(address, question, std::move(url), deadline, context, files);
  }
  return Exchange<PlainStream>(std::move(url), ToRequest(address, question), question.largest_body)
      .Run(address, deadline);
}

}  // namespace common::http

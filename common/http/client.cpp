#include "common/http/client.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cctype>
#include <optional>
#include <utility>

#include "common/text.h"

namespace common::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

struct Address {
  std::string host;
  std::string port;
};

Result<Address> ParseAddress(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return Fail(std::errc::invalid_argument, "\"" + text + "\" is no address: want host:port");
  }
  Address address{text.substr(0, colon), text.substr(colon + 1)};
  const auto port = ParseUnsigned(address.port);
  if (!port || *port == 0 || *port > 65535) {
    return Fail(std::errc::invalid_argument, "\"" + text + "\" has no port from 1 to 65535");
  }
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  return address;
}

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
      error == asio::error::broken_pipe) {
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

/// One request and its answer on a connection that lives no longer than they.
class Exchange {
 public:
  Exchange(std::string url, beast::http::request<beast::http::string_body> request)
      : url_(std::move(url)), request_(std::move(request)) {
    parser_.body_limit(kLargestBodyBytes);
  }

  Result<Response> Run(const Address& address, std::chrono::milliseconds deadline) {
    // Set once, so it bounds the whole and not each step.
    stream_.expires_after(deadline);
    error_code not_numeric;
    const auto numeric = asio::ip::make_address(address.host, not_numeric);
    if (not_numeric) {
      Resolve(address);
    } else {
      const auto port = static_cast<std::uint16_t>(*ParseUnsigned(address.port));
      stream_.async_connect(tcp::endpoint(numeric, port),
                            [this](error_code error) { OnConnected(error); });
    }
    context_.run();
    if (error_) {
      return Explain(url_, error_);
    }
    return TakeResponse();
  }

 private:
  /// Asio resolves on a thread of its own that nothing can interrupt; numeric addresses do
  /// without it.
  void Resolve(const Address& address) {
    resolver_.async_resolve(address.host, address.port,
                            [this](error_code error, const tcp::resolver::results_type& endpoints) {
                              if (error) {
                                error_ = error;
                                return;
                              }
                              stream_.async_connect(
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
    beast::http::async_write(stream_, request_, [this](error_code failure, std::size_t) {
      if (failure) {
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

  Response TakeResponse() {
    auto message = parser_.release();
    Response response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      response.headers[LowerCase(std::string_view(field.name_string()))] =
          std::string(field.value());
    }
    response.body = std::move(message.body());
    return response;
  }

  std::string url_;
  beast::http::request<beast::http::string_body> request_;
  asio::io_context context_{1};
  tcp::resolver resolver_{context_};
  beast::tcp_stream stream_{context_};
  beast::flat_buffer buffer_{1U << 20U};
  beast::http::response_parser<beast::http::string_body> parser_;
  error_code error_;
};

Result<Response> Send(beast::http::verb method, const std::string& address,
                      const std::string& target, const std::string& content_type,
                      const std::string& body, std::chrono::milliseconds deadline,
                      const Headers& headers) {
  const auto parsed = ParseAddress(address);
  if (!parsed) {
    return tl::make_unexpected(parsed.error());
  }
  beast::http::request<beast::http::string_body> request(method, target, 11);
  request.set(beast::http::field::host, address);
  request.set(beast::http::field::connection, "close");
  for (const auto& [name, value] : headers) {
    request.set(name, value);
  }
  if (!content_type.empty()) {
    request.set(beast::http::field::content_type, content_type);
  }
  request.body() = body;
  request.prepare_payload();
  return Exchange("http://" + address + target, std::move(request)).Run(*parsed, deadline);
}

}  // namespace

Result<Response> Get(const std::string& address, const std::string& target,
                     std::chrono::milliseconds deadline, const Headers& headers) {
  return Send(beast::http::verb::get, address, target, {}, {}, deadline, headers);
}

Result<Response> Post(const std::string& address, const std::string& target,
                      const std::string& content_type, const std::string& body,
                      std::chrono::milliseconds deadline, const Headers& headers) {
  return Send(beast::http::verb::post, address, target, content_type, body, deadline, headers);
}

std::string EscapeQuery(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~";
  std::string escaped;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool alphanumeric = byte < 0x80 && std::isalnum(byte) != 0;
    if (alphanumeric || kPlain.find(letter) != std::string_view::npos) {
      escaped += letter;
    } else {
      escaped += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return escaped;
}

}  // namespace common::http

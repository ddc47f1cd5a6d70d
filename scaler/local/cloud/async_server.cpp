#include "scaler/local/cloud/async_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "exporters/request_target.h"
#include "exporters/response_head.h"
#include "exporters/router.h"

namespace scaler::local::cloud {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using common::Result;
using ErrorCode = boost::system::error_code;
using exporters::HttpRequest;
using exporters::HttpResponse;
using Stream = beast::basic_stream<asio::generic::stream_protocol>;

constexpr std::size_t kMostConnections = 256;
constexpr auto kRequestDeadline = std::chrono::seconds(60);  // The rest between two included.
constexpr auto kWriteDeadline = std::chrono::seconds(15);

tl::unexpected<common::Error> Explain(const std::string& where, const ErrorCode& error) {
  return tl::make_unexpected(common::Error{std::error_code(error.value(), std::generic_category()),
                                           "cannot listen on " + where + ": " + error.message()});
}

/// One connection, request after request.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Stream stream, AsyncHandler handler, std::function<void(Connection*)> on_end)
      : stream_(std::move(stream)), handler_(std::move(handler)), on_end_(std::move(on_end)) {}

  void Read() {
    parser_.emplace();
    parser_->body_limit(exporters::kLargestRequestBody);
    stream_.expires_after(kRequestDeadline);
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](ErrorCode error, std::size_t) { self->OnRequest(error); });
  }

  void Close() {
    closed_ = true;
    stream_.close();
  }

 private:
  void OnRequest(ErrorCode error) {
    if (closed_) {
      return;
    }
    if (error == http::error::body_limit) {
      keep_ = false;
      Write(exporters::BodyTooLarge());
    } else if (error) {
      End();
    } else {
      stream_.expires_never();
      Handle();
    }
  }

  void Handle() {
    const auto& message = parser_->get();
    keep_ = message.keep_alive();
    HttpRequest request;
    request.method = std::string(message.method_string());
    head_ = request.method == "HEAD";
    auto target = exporters::ParseRequestTarget(std::string(message.target()));
    if (!target) {
      keep_ = false;
      Write({.status = 400, .body = "that is no target of a request\n"});
      return;
    }
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    for (const auto& field : message) {
      request.headers[exporters::LowerCase(std::string(field.name_string()))] =
          std::string(field.value());
    }
    request.body = message.body();
    handler_(request, [self = shared_from_this(), answered = false](HttpResponse response) mutable {
      if (!std::exchange(answered, true) && !self->closed_) {
        self->Write(response);
      }
    });
  }

  void Write(const HttpResponse& response) {
    out_ = exporters::RenderHeadWithLength(response, keep_ ? "" : "Connection: close\r\n");
    if (!head_) {
      out_ += response.body;
    }
    stream_.expires_after(kWriteDeadline);
    asio::async_write(stream_, asio::buffer(out_),
                      [self = shared_from_this()](ErrorCode error, std::size_t) {
                        if (self->closed_) {
                          return;
                        }
                        if (error || !self->keep_) {
                          self->End();
                        } else {
                          self->Read();
                        }
                      });
  }

  void End() {
    Close();
    if (on_end_) {
      on_end_(this);
    }
  }

  Stream stream_;
  AsyncHandler handler_;
  std::function<void(Connection*)> on_end_;
  beast::flat_buffer buffer_{std::size_t{128} << 10U};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string out_;
  bool keep_ = true;
  bool head_ = false;
  bool closed_ = false;
};

}  // namespace

class AsyncServer::Impl {
 public:
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  virtual ~Impl() = default;
  virtual void Close() = 0;
  [[nodiscard]] virtual int Port() const = 0;
};

namespace {

template <typename Protocol>
class Listening final : public AsyncServer::Impl,
                        public std::enable_shared_from_this<Listening<Protocol>> {
 public:
  Listening(asio::io_context& context, AsyncHandler handler)
      : acceptor_(context), handler_(std::move(handler)) {}

  ErrorCode Open(const typename Protocol::endpoint& endpoint) {
    ErrorCode error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error && std::is_same_v<Protocol, asio::ip::tcp>) {
      acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) {
      acceptor_.bind(endpoint, error);
    }
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (!error) {
      Accept();
    }
    return error;
  }

  void Close() override {
    closed_ = true;
    ErrorCode ignored;
    acceptor_.close(ignored);
    for (const auto& connection : std::exchange(connections_, {})) {
      connection->Close();
    }
  }

  [[nodiscard]] int Port() const override {
    if constexpr (std::is_same_v<Protocol, asio::ip::tcp>) {
      ErrorCode ignored;
      return acceptor_.local_endpoint(ignored).port();
    }
    return 0;
  }

 private:
  void Accept() {
    acceptor_.async_accept(
        [self = this->shared_from_this()](ErrorCode error, typename Protocol::socket socket) {
          if (self->closed_) {
            return;
          }
          if (!error) {
            self->Take(std::move(socket));
          }
          self->Accept();
        });
  }

  void Take(typename Protocol::socket socket) {
    if (connections_.size() >= kMostConnections) {
      return;  // Closed at once: better than to let everybody wait.
    }
    if constexpr (std::is_same_v<Protocol, asio::ip::tcp>) {
      ErrorCode ignored;
      socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    std::weak_ptr<Listening> weak = this->weak_from_this();
    auto connection = std::make_shared<Connection>(
        Stream(asio::generic::stream_protocol::socket(std::move(socket))), handler_,
        [weak](Connection* ended) {
          if (const auto self = weak.lock()) {
            std::erase_if(self->connections_,
                          [ended](const auto& candidate) { return candidate.get() == ended; });
          }
        });
    connections_.insert(connection);
    connection->Read();
  }

  asio::basic_socket_acceptor<Protocol> acceptor_;
  AsyncHandler handler_;
  std::set<std::shared_ptr<Connection>> connections_;
  bool closed_ = false;
};

/// True where a server answers there.
bool IsServed(asio::io_context& context, const asio::local::stream_protocol::endpoint& endpoint) {
  asio::local::stream_protocol::socket probe(context);
  ErrorCode error;
  probe.connect(endpoint, error);
  return !error;
}

}  // namespace

AsyncServer::AsyncServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
AsyncServer::~AsyncServer() { impl_->Close(); }
int AsyncServer::Port() const { return impl_->Port(); }

Result<std::unique_ptr<AsyncServer>> AsyncServer::ListenUnix(asio::io_context& context,
                                                             const std::filesystem::path& socket,
                                                             AsyncHandler handler) {
  constexpr std::size_t kLongestPath = 107;
  if (socket.native().size() > kLongestPath) {
    return common::Fail(std::errc::filename_too_long, "cannot listen on " + socket.string() +
                                                          ": a socket's path has at most " +
                                                          std::to_string(kLongestPath) + " bytes");
  }
  const asio::local::stream_protocol::endpoint endpoint(socket.string());
  if (IsServed(context, endpoint)) {
    return common::Fail(std::errc::address_in_use,
                        "cannot listen on " + socket.string() + ": somebody serves it already");
  }
  ::unlink(socket.c_str());
  auto listening =
      std::make_shared<Listening<asio::local::stream_protocol>>(context, std::move(handler));
  // Before the socket is there, not after: nobody may come in between.
  const auto mask = ::umask(0177);
  const auto error = listening->Open(endpoint);
  ::umask(mask);
  if (error) {
    return Explain(socket.string(), error);
  }
  return std::unique_ptr<AsyncServer>(new AsyncServer(std::move(listening)));
}

Result<std::unique_ptr<AsyncServer>> AsyncServer::ListenLoopback(asio::io_context& context,
                                                                 int port, AsyncHandler handler) {
  const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(),
                                         static_cast<std::uint16_t>(port));
  auto listening = std::make_shared<Listening<asio::ip::tcp>>(context, std::move(handler));
  if (const auto error = listening->Open(endpoint)) {
    return Explain("127.0.0.1:" + std::to_string(port), error);
  }
  return std::unique_ptr<AsyncServer>(new AsyncServer(std::move(listening)));
}

}  // namespace scaler::local::cloud

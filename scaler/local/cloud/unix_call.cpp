#include "scaler/local/cloud/unix_call.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

namespace scaler::local::cloud {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using common::Result;
using ErrorCode = boost::system::error_code;
using Done = std::function<void(Result<UnixAnswer>)>;

constexpr std::size_t kLargestAnswer = std::size_t{16} << 20U;

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& context, std::string socket, Done done)
      : stream_(context), socket_(std::move(socket)), done_(std::move(done)) {
    parser_.body_limit(kLargestAnswer);
  }

  void Start(const std::string& method, const std::string& target, const std::string& body,
             std::chrono::milliseconds deadline) {
    request_.version(11);
    request_.method_string(method);
    request_.target(target);
    request_.set(http::field::host, "localhost");
    request_.set(http::field::connection, "close");
    request_.body() = body;
    request_.prepare_payload();
    // Set once, so it bounds the whole and not each step.
    stream_.expires_after(deadline);
    constexpr std::size_t kLongestPath = 107;
    if (socket_.size() > kLongestPath) {
      asio::post(stream_.get_executor(), [self = shared_from_this()] {
        self->Tell(common::Fail(std::errc::filename_too_long, self->socket_ + ": too long"));
      });
      return;
    }
    stream_.async_connect(asio::local::stream_protocol::endpoint(socket_),
                          [self = shared_from_this()](ErrorCode error) { self->Write(error); });
  }

  void Silence() {
    done_ = nullptr;
    stream_.close();
  }

 private:
  void Write(ErrorCode error) {
    if (error) {
      Fail(error);
      return;
    }
    http::async_write(stream_, request_,
                      [self = shared_from_this()](ErrorCode failed, std::size_t) {
                        failed ? self->Fail(failed) : self->Read();
                      });
  }

  void Read() {
    http::async_read(
        stream_, buffer_, parser_, [self = shared_from_this()](ErrorCode error, std::size_t) {
          if (error) {
            self->Fail(error);
            return;
          }
          auto message = self->parser_.release();
          self->Tell(UnixAnswer{static_cast<int>(message.result_int()), std::move(message.body())});
        });
  }

  void Fail(const ErrorCode& error) {
    if (error == beast::error::timeout) {
      Tell(common::Fail(std::errc::timed_out, socket_ + ": no answer in time"));
    } else if (error == http::error::body_limit) {
      Tell(common::Fail(std::errc::message_size, socket_ + ": the answer is too large"));
    } else if (error.category() == boost::system::system_category()) {
      Tell(common::FailErrno(socket_, error.value()));
    } else {
      Tell(common::Fail(std::errc::connection_reset,
                        socket_ + ": the connection broke before the answer"));
    }
  }

  void Tell(Result<UnixAnswer> result) {
    stream_.close();
    if (const auto done = std::exchange(done_, nullptr)) {
      done(std::move(result));
    }
  }

  beast::basic_stream<asio::local::stream_protocol> stream_;
  std::string socket_;
  Done done_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

class Call final : public UnixCall {
 public:
  explicit Call(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() override { exchange_->Silence(); }

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace

std::unique_ptr<UnixCall> CallUnix(asio::io_context& context, const std::filesystem::path& socket,
                                   const std::string& method, const std::string& target,
                                   const std::string& body, std::chrono::milliseconds deadline,
                                   Done done) {
  auto exchange = std::make_shared<Exchange>(context, socket.string(), std::move(done));
  exchange->Start(method, target, body, deadline);
  return std::make_unique<Call>(std::move(exchange));
}

}  // namespace scaler::local::cloud

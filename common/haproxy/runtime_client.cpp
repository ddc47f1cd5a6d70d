#include "common/haproxy/runtime_client.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <utility>

#include "common/haproxy/runtime_socket.h"

namespace common::haproxy {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Unix = asio::local::stream_protocol;

struct Command {
  std::string text;
  std::chrono::milliseconds deadline{};
  RuntimeClient::Done done;
};

/// The longest path that a unix socket may have.
constexpr std::size_t kLongestPath = 107;

}  // namespace

class RuntimeClient::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& context, std::filesystem::path socket)
      : context_(context), name_(socket.string()) {}

  void Execute(Command command) {
    if (queue_.size() >= kLongestQueue) {
      asio::post(context_, [self = shared_from_this(), done = std::move(command.done)] {
        if (!self->closed_) {
          done(Fail(std::errc::no_buffer_space, self->name_ + ": too many commands wait"));
        }
      });
      return;
    }
    queue_.push_back(std::move(command));
    if (queue_.size() == 1) {
      asio::post(context_, [self = shared_from_this()] { self->Begin(); });
    }
  }

  void Close() {
    closed_ = true;
    queue_.clear();
    EndExchange();
  }

 private:
  /// One command on the wire. Its pending operations keep it alive, as they use its buffers.
  struct Exchange {
    explicit Exchange(asio::io_context& context) : socket(context), timer(context) {}
    Unix::socket socket;
    asio::steady_timer timer;
    std::string request;
    std::string answer;
  };

  /// Runs `next` unless the exchange that asked for it is over; a failure ends the exchange.
  template <typename Next>
  auto Then(Next next) {
    return [self = shared_from_this(), exchange = exchange_, next = std::move(next)](
               error_code error, auto... /*size*/) {
      if (self->exchange_ != exchange) {
        return;
      }
      if (error) {
        self->Finish(FailErrno(self->name_, error.value()));
      } else {
        next(*self);
      }
    };
  }

  void Begin() {
    if (closed_ || queue_.empty()) {
      return;
    }
    exchange_ = std::make_shared<Exchange>(context_);
    exchange_->request = queue_.front().text + "\n";
    exchange_->timer.expires_after(queue_.front().deadline);
    exchange_->timer.async_wait(
        Then([](Impl& self) { self.Finish(FailErrno(self.name_, ETIMEDOUT)); }));
    if (name_.size() > kLongestPath) {
      Finish(FailErrno(name_, ENAMETOOLONG));
      return;
    }
    exchange_->socket.async_connect(Unix::endpoint(name_), Then([](Impl& self) { self.Send(); }));
  }

  void Send() {
    asio::async_write(exchange_->socket, asio::buffer(exchange_->request),
                      Then([](Impl& self) { self.Receive(); }));
  }

  void Receive() {
    asio::async_read(
        exchange_->socket, asio::dynamic_buffer(exchange_->answer, kLongestAnswer),
        [self = shared_from_this(), exchange = exchange_](error_code error, std::size_t) {
          if (self->exchange_ != exchange) {
            return;
          }
          if (error == asio::error::eof) {
            self->Finish(std::move(exchange->answer));
          } else {
            // Without an error the buffer is full, and the answer goes on.
            self->Finish(FailErrno(self->name_, error ? error.value() : EMSGSIZE));
          }
        });
  }

  void EndExchange() {
    if (exchange_) {
      error_code ignored;
      exchange_->socket.close(ignored);
      exchange_->timer.cancel();
      exchange_.reset();
    }
  }

  void Finish(Result<std::string> result) {
    EndExchange();
    const Done done = std::move(queue_.front().done);
    queue_.pop_front();
    if (!queue_.empty()) {
      asio::post(context_, [self = shared_from_this()] { self->Begin(); });
    }
    done(std::move(result));
  }

  asio::io_context& context_;
  std::string name_;
  std::deque<Command> queue_;
  std::shared_ptr<Exchange> exchange_;
  bool closed_ = false;
};

RuntimeClient::RuntimeClient(boost::asio::io_context& context, std::filesystem::path socket)
    : impl_(std::make_shared<Impl>(context, std::move(socket))) {}

// NOLINTNEXTLINE(bugprone-exception-escape): what cannot be told to stop must not go on.
RuntimeClient::~RuntimeClient() { impl_->Close(); }

void RuntimeClient::Execute(std::string command, std::chrono::milliseconds deadline, Done done) {
  impl_->Execute({std::move(command), deadline, std::move(done)});
}

}  // namespace common::haproxy

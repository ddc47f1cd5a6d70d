#include "tests/demo/shop/shop.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <csignal>
#include <set>
#include <utility>
#include <vector>

#include "tests/demo/shop/work.h"

namespace demo {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kCrashExitCode = 3;
constexpr auto kLeakPeriod = std::chrono::milliseconds(20);
constexpr std::size_t kLeakStepBytes = 2U << 20U;
/// Where no memory limit stops the leak, it must not take the machine down.
constexpr std::size_t kLargestLeakBytes = 512U << 20U;

/// What the faults have made of this replica.
struct Faults {
  bool hanging = false;
  bool crash_after_answer = false;
  std::vector<std::vector<char>> leaked;
};

}  // namespace

class Shop::Impl {
 public:
  Impl(ShopOptions options, const tcp::endpoint& endpoint)
      : options_(std::move(options)), acceptor_(context_, endpoint) {}

  void Run() {
    signals_.async_wait([this](error_code error, int) {
      if (!error) {
        Stop();
      }
    });
    Accept();
    context_.run();
  }

 private:
  class Session;

  void Accept();
  void Stop();
  void Leak();
  [[nodiscard]] http::response<http::string_body> Answer(const std::string& target);

  ShopOptions options_;
  Faults faults_;
  bool stopping_ = false;
  /// Before the context: its end destroys the sessions that wait in it, and they sign off here.
  std::set<Session*> sessions_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  asio::signal_set signals_{context_, SIGTERM, SIGINT};
  asio::steady_timer leak_timer_{context_};
};

/// One connection; it lives as long as an operation of it is pending.
class Shop::Impl::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Impl& shop, tcp::socket socket) : shop_(shop), socket_(std::move(socket)) {
    shop_.sessions_.insert(this);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { shop_.sessions_.erase(this); }

  void Read() {
    request_ = {};
    idle_ = true;
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       self->idle_ = false;
                       if (!error) {
                         self->Answer();
                       }
                     });
  }

  /// Ends the connection unless a request is being answered on it.
  void CloseIfIdle() {
    if (idle_ && buffer_.size() == 0) {
      error_code ignored;
      socket_.close(ignored);
    }
  }

 private:
  void Answer() {
    if (shop_.faults_.hanging) {
      Hang();
      return;
    }
    response_ = shop_.Answer(std::string(request_.target()));
    response_.keep_alive(request_.keep_alive() && !shop_.stopping_);
    response_.prepare_payload();
    http::async_write(
        socket_, response_,
        [self = shared_from_this()](error_code error, std::size_t) { self->OnWritten(error); });
  }

  /// Keeps the connection and says nothing more, until the other side gives up.
  void Hang() {
    socket_.async_wait(tcp::socket::wait_error, [self = shared_from_this()](error_code) {});
  }

  void OnWritten(error_code error) {
    if (shop_.faults_.crash_after_answer) {
      // As a crash does: no destructor, no farewell to the other connections.
      ::_exit(kCrashExitCode);
    }
    if (error) {
      return;
    }
    if (response_.keep_alive() && !shop_.stopping_) {
      Read();
    } else {
      error_code ignored;
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
  }

  Impl& shop_;
  tcp::socket socket_;
  boost::beast::flat_buffer buffer_{64U << 10U};
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
  bool idle_ = false;
};

void Shop::Impl::Accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) {
      return;
    }
    if (!error) {
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      std::make_shared<Session>(*this, std::move(socket))->Read();
    }
    Accept();
  });
}

void Shop::Impl::Stop() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  leak_timer_.cancel();
  for (auto* const session : sessions_) {
    session->CloseIfIdle();
  }
  if (faults_.hanging) {
    context_.stop();
  }
}

void Shop::Impl::Leak() {
  faults_.leaked.emplace_back(kLeakStepBytes, 'x');
  if (faults_.leaked.size() * kLeakStepBytes < kLargestLeakBytes) {
    leak_timer_.expires_after(kLeakPeriod);
    leak_timer_.async_wait([this](error_code error) {
      if (!error) {
        Leak();
      }
    });
  }
}

http::response<http::string_body> Shop::Impl::Answer(const std::string& target) {
  http::response<http::string_body> response(http::status::ok, 11);
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  response.set("X-Replica", options_.name);
  if (target == "/healthz") {
    response.body() = "ok\n";
  } else if (target == "/fault/leak") {
    Leak();
    response.body() = "leaking from now on\n";
  } else if (target == "/fault/crash") {
    faults_.crash_after_answer = true;
    response.body() = "crashing\n";
  } else if (target == "/fault/hang") {
    faults_.hanging = true;
    response.body() = "hanging from now on\n";
  } else {
    response.body() = "A page of " + options_.name + ": " + ComputePage(options_.rounds) + "\n";
  }
  return response;
}

Shop::Shop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Shop::~Shop() = default;

common::Result<std::unique_ptr<Shop>> Shop::Listen(const ShopOptions& options) {
  const std::string address = options.host + ":" + std::to_string(options.port);
  error_code error;
  const auto host = asio::ip::make_address(options.host, error);
  if (error) {
    return common::Fail(std::errc::invalid_argument, address + " is no numeric address");
  }
  try {
    const tcp::endpoint endpoint(host, options.port);
    return std::unique_ptr<Shop>(new Shop(std::make_unique<Impl>(options, endpoint)));
  } catch (const boost::system::system_error& failure) {
    return tl::make_unexpected(common::Error{
        failure.code(), "cannot listen on " + address + ": " + failure.code().message()});
  }
}

void Shop::Run() { impl_->Run(); }

}  // namespace demo

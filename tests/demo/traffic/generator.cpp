#include "tests/demo/traffic/generator.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cerrno>
#include <deque>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "common/text.h"

namespace demo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

/// The ingress closes idle connections later than this, so none is closed under a request.
constexpr auto kLongestIdle = std::chrono::seconds(5);

/// One request to send, and how often its visitor has been turned away before.
struct Request {
  std::size_t tenant = 0;
  std::string path = "/";
  MonotonicTime sent;
  int returns = 0;
};

Fate FateOf(const error_code& error) {
  if (error == beast::error::timeout) {
    return Fate::kTimedOut;
  }
  return Fate::kReset;
}

bool IsWakingPage(const http::response<http::string_body>& response) {
  return response.result_int() == 503 && response["X-Trimtab"] == "waking";
}

}  // namespace

class Generator::Impl {
 public:
  Impl(const Course& course, const GeneratorOptions& options, std::function<void(Event)> sink)
      : course_(course),
        ingress_(asio::ip::make_address(options.host), options.port),
        sink_(std::move(sink)) {
    for (std::size_t index = 0; index < course_.tenants.size(); ++index) {
      visitors_.push_back(std::make_unique<Visitors>(Visitors{
          ArrivalStream(course_.tenants[index], course_.cycle, options.seed * 1'000'003 + index),
          asio::steady_timer(context_), index}));
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    context_.stop();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  void Start() {
    began_ = steady_clock::now();
    for (const auto& visitors : visitors_) {
      AwaitNext(*visitors);
    }
    thread_ = std::thread([this] { context_.run(); });
  }

  void Finish() {
    asio::post(context_, [this] { Close(); });
    thread_.join();
  }

 private:
  class Connection;

  /// The arrivals of one tenant.
  struct Visitors {
    ArrivalStream stream;
    asio::steady_timer timer;
    std::size_t tenant = 0;
  };

  void AwaitNext(Visitors& visitors);
  void OnArrival(std::size_t tenant, const Arrival& arrival);
  void Send(Request request);
  void Close();
  void OnFree(std::shared_ptr<Connection> connection);
  void OnGone();
  void OnAnswer(const Request& request, const http::response<http::string_body>& response);
  void OnFailure(const Request& request, Fate fate);
  void ReturnLater(Request request, std::string_view retry_after);
  [[nodiscard]] std::shared_ptr<Connection> TakeIdle();

  Course course_;
  tcp::endpoint ingress_;
  std::function<void(Event)> sink_;
  MonotonicTime began_;
  bool closing_ = false;
  std::size_t connections_ = 0;
  asio::io_context context_{1};
  std::vector<std::unique_ptr<Visitors>> visitors_;
  std::vector<std::shared_ptr<Connection>> idle_;  ///< The one used last is at the back.
  std::deque<Request> waiting_;
  std::thread thread_;
};

/// A connection to the ingress that carries one request after the other.
class Generator::Impl::Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Impl& generator) : generator_(generator), stream_(generator.context_) {}

  void Send(Request request) {
    request_ = std::move(request);
    stream_.expires_after(kDeadline);
    if (connected_) {
      Write();
      return;
    }
    stream_.async_connect(generator_.ingress_, [self = shared_from_this()](error_code error) {
      if (error) {
        self->Fail(error == beast::error::timeout ? Fate::kTimedOut : Fate::kRefused);
        return;
      }
      self->connected_ = true;
      error_code ignored;
      self->stream_.socket().set_option(tcp::no_delay(true), ignored);
      self->Write();
    });
  }

  /// Whether it can carry a request: not idle for too long, and not closed by an ingress that
  /// ended.
  [[nodiscard]] bool IsFresh() {
    char byte = 0;
    const auto peeked = ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    const bool open = peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    return open && steady_clock::now() - idle_since_ < kLongestIdle;
  }

 private:
  void Write() {
    message_ = http::request<http::empty_body>(http::verb::get, request_.path, 11);
    message_.set(http::field::host, generator_.course_.tenants[request_.tenant].host);
    message_.set(http::field::user_agent, "demo-traffic");
    http::async_write(stream_, message_,
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error) {
                          self->Fail(FateOf(error));
                        } else {
                          self->Read();
                        }
                      });
  }

  void Read() {
    response_ = {};
    http::async_read(stream_, buffer_, response_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (error) {
                         self->Fail(FateOf(error));
                       } else {
                         self->Done();
                       }
                     });
  }

  void Done() {
    generator_.OnAnswer(request_, response_);
    if (response_.keep_alive()) {
      idle_since_ = steady_clock::now();
      generator_.OnFree(shared_from_this());
    } else {
      generator_.OnGone();
    }
  }

  void Fail(Fate fate) {
    generator_.OnFailure(request_, fate);
    generator_.OnGone();
  }

  Impl& generator_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{1U << 20U};
  bool connected_ = false;
  MonotonicTime idle_since_;
  Request request_;
  http::request<http::empty_body> message_;
  http::response<http::string_body> response_;
};

void Generator::Impl::AwaitNext(Visitors& visitors) {
  const auto arrival = visitors.stream.Next();
  if (!arrival) {
    return;
  }
  visitors.timer.expires_at(began_ + arrival->at);
  visitors.timer.async_wait([this, &visitors, arrival = *arrival](error_code error) {
    if (!error && !closing_) {
      OnArrival(visitors.tenant, arrival);
      AwaitNext(visitors);
    }
  });
}

void Generator::Impl::OnArrival(std::size_t tenant, const Arrival& arrival) {
  Request request{.tenant = tenant, .path = "/", .sent = steady_clock::now(), .returns = 0};
  if (arrival.opens_step) {
    sink_(StepBegan{.tenant = tenant, .at = request.sent});
  }
  if (arrival.kind == Arrival::Kind::kFault) {
    const auto fault = course_.tenants[tenant].injection->fault;
    request.path = FaultPath(fault);
    sink_(FaultInjected{.tenant = tenant, .at = request.sent, .fault = fault});
  }
  Send(std::move(request));
}

std::shared_ptr<Generator::Impl::Connection> Generator::Impl::TakeIdle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->IsFresh()) {
      return connection;
    }
    --connections_;
  }
  return nullptr;
}

void Generator::Impl::Send(Request request) {
  if (const auto idle = TakeIdle()) {
    idle->Send(std::move(request));
  } else if (connections_ < kMostConnections) {
    ++connections_;
    std::make_shared<Connection>(*this)->Send(std::move(request));
  } else if (waiting_.size() < kMostWaiting) {
    waiting_.push_back(std::move(request));
  } else {
    OnFailure(request, Fate::kNotSent);
  }
}

void Generator::Impl::OnFree(std::shared_ptr<Connection> connection) {
  if (!waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    connection->Send(std::move(next));
  } else if (closing_) {
    --connections_;
  } else {
    idle_.push_back(std::move(connection));
  }
}

void Generator::Impl::OnGone() {
  --connections_;
  if (!waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    Send(std::move(next));
  }
}

void Generator::Impl::OnAnswer(const Request& request,
                               const http::response<http::string_body>& response) {
  const auto status = static_cast<int>(response.result_int());
  Fate fate = Fate::kStatus;
  if (status >= 200 && status < 300) {
    fate = Fate::kAnswered;
  } else if (IsWakingPage(response)) {
    fate = Fate::kWaking;
  }
  sink_(Outcome{.tenant = request.tenant,
                .sent = request.sent,
                .ended = steady_clock::now(),
                .fate = fate,
                .status = status,
                .replica = std::string(response["X-Replica"])});
  if (fate == Fate::kWaking) {
    ReturnLater(request, std::string_view(response[http::field::retry_after]));
  }
}

void Generator::Impl::OnFailure(const Request& request, Fate fate) {
  sink_(Outcome{.tenant = request.tenant,
                .sent = request.sent,
                .ended = steady_clock::now(),
                .fate = fate,
                .status = 0,
                .replica = {}});
}

void Generator::Impl::ReturnLater(Request request, std::string_view retry_after) {
  const auto seconds = common::ParseUnsigned(retry_after);
  if (!seconds || *seconds > 60 || request.returns >= kMostReturns || closing_) {
    return;
  }
  auto timer = std::make_shared<asio::steady_timer>(
      context_, std::chrono::seconds(static_cast<int>(*seconds)));
  ++request.returns;
  auto* const waiting = timer.get();
  waiting->async_wait(
      [this, timer = std::move(timer), request = std::move(request)](error_code error) mutable {
        if (!error && !closing_) {
          request.sent = steady_clock::now();
          Send(std::move(request));
        }
      });
}

void Generator::Impl::Close() {
  closing_ = true;
  for (const auto& visitors : visitors_) {
    visitors->timer.cancel();
  }
  connections_ -= idle_.size();
  idle_.clear();
  // The context runs out of work when the last request has its answer or its deadline.
}

Generator::Generator(const Course& course, const GeneratorOptions& options,
                     std::function<void(Event)> sink)
    : impl_(std::make_unique<Impl>(course, options, std::move(sink))) {}
Generator::~Generator() = default;

void Generator::Start() { impl_->Start(); }

void Generator::Finish() { impl_->Finish(); }

}  // namespace demo

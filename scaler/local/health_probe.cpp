#include "scaler/local/health_probe.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <string_view>
#include <utility>

#include "common/text.h"

namespace scaler::local {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using common::Result;

/// "HTTP/1.1 200"; nothing after it matters.
constexpr std::size_t kStatusLength = 12;

Result<void> Judge(std::string_view head) {
  const auto status = head.substr(0, 7) == "HTTP/1." && head.size() == kStatusLength
                          ? common::ParseUnsigned(head.substr(9))
                          : std::nullopt;
  if (!status) {
    return common::Fail(std::errc::bad_message, "the answer is not HTTP");
  }
  if (*status < 200 || *status >= 400) {
    return common::Fail(std::errc::protocol_error, fmt::format("answered {}", *status));
  }
  return {};
}

}  // namespace

class HealthProbe::Question : public std::enable_shared_from_this<Question> {
 public:
  Question(asio::io_context& context, std::string request, Done done)
      : socket_(context), timer_(context), request_(std::move(request)), done_(std::move(done)) {}

  void Ask(int port, std::chrono::milliseconds timeout);

  void Forget() {
    done_ = nullptr;
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
  }

 private:
  template <typename Next>
  auto Then(Next next) {
    return [self = shared_from_this(), next = std::move(next)](error_code error, auto... /*size*/) {
      if (!self->done_) {
        return;
      }
      if (error) {
        self->Finish(common::FailErrno("health check", error.value()));
      } else {
        next(*self);
      }
    };
  }

  void Send() {
    if (request_.empty()) {
      Finish({});
      return;
    }
    asio::async_write(socket_, asio::buffer(request_), Then([](Question& self) {
                        asio::async_read(
                            self.socket_, asio::buffer(self.head_), self.Then([](Question& inner) {
                              inner.Finish(Judge({inner.head_.data(), inner.head_.size()}));
                            }));
                      }));
  }

  void Finish(Result<void> result) {
    const Done done = std::exchange(done_, nullptr);
    Forget();
    done(std::move(result));
  }

  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  std::string request_;
  std::array<char, kStatusLength> head_{};
  Done done_;
};

void HealthProbe::Question::Ask(int port, std::chrono::milliseconds timeout) {
  timer_.expires_after(timeout);
  timer_.async_wait(Then([timeout](Question& self) {
    self.Finish(
        common::Fail(std::errc::timed_out, "no answer within " + common::FormatDuration(timeout)));
  }));
  const asio::ip::tcp::endpoint replica(asio::ip::address_v4::loopback(),
                                        static_cast<unsigned short>(port));
  socket_.async_connect(replica, Then([](Question& self) { self.Send(); }));
}

HealthProbe::HealthProbe(asio::io_context& context) : context_(context) {}

// NOLINTNEXTLINE(bugprone-exception-escape): what cannot be told to stop must not go on.
HealthProbe::~HealthProbe() { Cancel(); }

void HealthProbe::Cancel() {
  if (question_) {
    std::exchange(question_, nullptr)->Forget();
  }
}

void HealthProbe::Ask(int port, const std::string& path, std::chrono::milliseconds timeout,
                      Done done) {
  Cancel();
  auto request = path.empty() ? std::string()
                              : fmt::format(
                                    "GET {} HTTP/1.1\r\nHost: localhost:{}\r\n"
                                    "User-Agent: trimtab\r\nConnection: close\r\n\r\n",
                                    path, port);
  question_ = std::make_shared<Question>(context_, std::move(request), std::move(done));
  question_->Ask(port, timeout);
}

}  // namespace scaler::local

#include "common/io_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <utility>

namespace common {
namespace {

/// Cancels by destruction: the shared flag outlives the handler that asio still holds.
class AsioTimer final : public Timer {
 public:
  AsioTimer(boost::asio::io_context& context, std::chrono::milliseconds delay,
            std::function<void()> call)
      : timer_(context, delay), alive_(std::make_shared<bool>(true)) {
    // A handler that is already queued runs even after cancel(), hence the flag.
    timer_.async_wait([alive = std::weak_ptr<bool>(alive_),
                       call = std::move(call)](const boost::system::error_code& error) {
      if (!error && !alive.expired()) {
        call();
      }
    });
  }

 private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<bool> alive_;
};

}  // namespace

struct IoLoop::Impl {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  boost::asio::signal_set signals{context};
  std::function<void(int)> on_signal;
  SystemClock clock;

  void AwaitSignal() {
    signals.async_wait([this](const boost::system::error_code& error, int number) {
      if (!error) {
        on_signal(number);
        AwaitSignal();
      }
    });
  }
};

IoLoop::IoLoop() : impl_(std::make_unique<Impl>()) {}
IoLoop::~IoLoop() = default;

WallTime IoLoop::Wall() const { return impl_->clock.Wall(); }
MonotonicTime IoLoop::Monotonic() const { return impl_->clock.Monotonic(); }

void IoLoop::Post(std::function<void()> call) {
  boost::asio::post(impl_->context, std::move(call));
}

std::unique_ptr<Timer> IoLoop::After(std::chrono::milliseconds delay, std::function<void()> call) {
  return std::make_unique<AsioTimer>(impl_->context, delay, std::move(call));
}

void IoLoop::Run() { impl_->context.run(); }

void IoLoop::Stop() { impl_->context.stop(); }

void IoLoop::OnTerminationSignal(std::function<void(int)> call) {
  impl_->on_signal = std::move(call);
  impl_->signals.add(SIGINT);
  impl_->signals.add(SIGTERM);
  impl_->AwaitSignal();
}

boost::asio::io_context& IoLoop::Context() { return impl_->context; }

}  // namespace common

#include "scaler/local/process_watch.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <utility>

#include "common/readable.h"
#include "scaler/local/spawn.h"

namespace scaler::local {

using common::FailErrno;
using common::Result;

class ProcessWatch::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& context, common::UniqueFd process, std::function<void()> ended)
      : process_(context, process.Release()), ended_(std::move(ended)) {}

  void Wait() {
    process_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                        [self = shared_from_this()](const boost::system::error_code& error) {
                          if (error || !self->ended_) {
                            return;
                          }
                          if (!common::IsReadable(self->process_.native_handle())) {
                            self->Wait();
                            return;
                          }
                          siginfo_t info{};
                          // Fails with ECHILD where it is not our child; then somebody else reaps
                          // it.
                          ::waitid(P_PIDFD, static_cast<id_t>(self->process_.native_handle()),
                                   &info, WEXITED | WNOHANG);
                          std::exchange(self->ended_, nullptr)();
                        });
  }

  void Close() {
    ended_ = nullptr;
    boost::system::error_code ignored;
    process_.close(ignored);
  }

  [[nodiscard]] Result<void> Signal(int number) {
    if (::syscall(SYS_pidfd_send_signal, process_.native_handle(), number, nullptr, 0) != 0) {
      return FailErrno("cannot signal the process");
    }
    return {};
  }

 private:
  boost::asio::posix::stream_descriptor process_;
  std::function<void()> ended_;
};

ProcessWatch::ProcessWatch(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

ProcessWatch::~ProcessWatch() { impl_->Close(); }

Result<std::unique_ptr<ProcessWatch>> ProcessWatch::Open(boost::asio::io_context& context,
                                                         pid_t pid, std::function<void()> ended) {
  return OpenProcess(pid).map([&](common::UniqueFd process) {
    auto impl = std::make_shared<Impl>(context, std::move(process), std::move(ended));
    impl->Wait();
    return std::unique_ptr<ProcessWatch>(new ProcessWatch(std::move(impl)));
  });
}

Result<void> ProcessWatch::Signal(int number) const { return impl_->Signal(number); }

}  // namespace scaler::local

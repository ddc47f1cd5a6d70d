#include "scaler/local/process_watch.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>

namespace scaler::local {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

/// A process that does nothing until it is killed.
class Sleeper {
 public:
  Sleeper() : pid_(::fork()) {
    if (pid_ == 0) {
      for (;;) {
        ::pause();
      }
    }
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper() {
    Kill();
    ::waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] pid_t Pid() const { return pid_; }
  void Kill() const { ::kill(pid_, SIGKILL); }

 private:
  pid_t pid_;
};

TEST(ProcessWatchTest, SaysThatTheProcessHasEnded) {
  asio::io_context context;
  const Sleeper sleeper;
  int ended = 0;
  const auto watch = ProcessWatch::Open(context, sleeper.Pid(), [&] { ++ended; });
  ASSERT_TRUE(watch) << watch.error().what;
  EXPECT_EQ(context.poll(), 0U);
  EXPECT_EQ(ended, 0);

  sleeper.Kill();
  context.run();  // until nothing is waited for

  EXPECT_EQ(ended, 1);
}

// Two descriptors become readable at once. Who is told first closes the other, and begins to watch
// a process: Asio gives the watch the record of the closed one, whose event is still under way.
TEST(ProcessWatchTest, IsNotWokenByTheEventOfAClosedDescriptor) {
  asio::io_context context;
  const Sleeper sleeper;
  std::array<int, 2> first{};
  std::array<int, 2> second{};
  ASSERT_EQ(::pipe(first.data()), 0);
  ASSERT_EQ(::pipe(second.data()), 0);
  std::array<std::unique_ptr<stream_descriptor>, 2> readers = {
      std::make_unique<stream_descriptor>(context, first[0]),
      std::make_unique<stream_descriptor>(context, second[0])};
  int ended = 0;
  int told = 0;
  std::unique_ptr<ProcessWatch> watch;
  for (const std::size_t i : {0U, 1U}) {
    readers[i]->async_wait(
        stream_descriptor::wait_read, [&, i](const boost::system::error_code& error) {
          if (error) {
            return;
          }
          ++told;
          readers[1 - i].reset();
          auto opened = ProcessWatch::Open(context, sleeper.Pid(), [&] { ++ended; });
          ASSERT_TRUE(opened) << opened.error().what;
          watch = std::move(*opened);
        });
  }
  ASSERT_EQ(::write(first[1], "x", 1), 1);
  ASSERT_EQ(::write(second[1], "x", 1), 1);

  while (told == 0) {
    context.run_one();
  }
  for (int round = 0; round < 10; ++round) {
    context.poll();
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(ended, 0);

  sleeper.Kill();
  while (ended == 0) {
    context.run_one();
  }
  ::close(first[1]);
  ::close(second[1]);
}

}  // namespace
}  // namespace scaler::local

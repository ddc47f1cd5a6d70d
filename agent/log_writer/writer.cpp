#include "agent/log_writer/writer.h"

#include <poll.h>
#include <sys/signalfd.h>

#include <array>
#include <chrono>
#include <csignal>

namespace agent::log_writer {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using SteadyClock = std::chrono::steady_clock;

/// How often drops are asked for, a full disk is tried again, and a missing file is noticed.
constexpr auto kTick = 1000ms;
/// A sender that never stops must not keep us from stopping.
constexpr auto kMaxDrain = 2s;
/// Batches between two looks at the signals and the clock.
constexpr int kBatchesAtOnce = 16;

void ReceiveAll(DatagramSocket& socket, LogOutput& output, int batches) {
  const auto take = [&output](std::string_view datagram) { output.Append(datagram); };
  while (batches-- > 0 && socket.Receive(take)) {
  }
}

bool IsReadable(int fd) {
  pollfd descriptor{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&descriptor, 1, 0) == 1;
}

std::uint64_t Finish(DatagramSocket& socket, LogOutput& output) {
  const auto deadline = SteadyClock::now() + kMaxDrain;
  while (IsReadable(socket.Descriptor()) && SteadyClock::now() < deadline) {
    ReceiveAll(socket, output, kBatchesAtOnce);
    output.Flush();
  }
  // A slow machine or disk may leave some in the queue: these are counted at least.
  std::uint64_t unread = 0;
  const auto last = SteadyClock::now() + kMaxDrain;
  const auto count = [&unread](std::string_view) { ++unread; };
  while (socket.Receive(count) && SteadyClock::now() < last) {
  }
  output.AddLost(unread + socket.TakeDropped());
  while (!output.Flush() && SteadyClock::now() < deadline) {
    ::poll(nullptr, 0, 100);
  }
  return output.UnwrittenLines();
}

}  // namespace

std::uint64_t Run(DatagramSocket& socket, LogOutput& output) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&signals, signal);
  }
  const common::UniqueFd signal_fd(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  std::array<pollfd, 2> descriptors{{{.fd = socket.Descriptor(), .events = POLLIN, .revents = 0},
                                     {.fd = signal_fd.Get(), .events = POLLIN, .revents = 0}}};
  auto next_tick = SteadyClock::now() + kTick;
  while (true) {
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next_tick - SteadyClock::now());
    ::poll(descriptors.data(), descriptors.size(),
           static_cast<int>(std::max(wait, std::chrono::milliseconds(0)).count()));
    signalfd_siginfo signal{};
    while (::read(signal_fd.Get(), &signal, sizeof(signal)) == sizeof(signal)) {
      if (signal.ssi_signo != SIGHUP) {
        return Finish(socket, output);
      }
      output.Flush();
      output.Reopen();
    }
    ReceiveAll(socket, output, kBatchesAtOnce);
    if (SteadyClock::now() >= next_tick) {
      next_tick = SteadyClock::now() + kTick;
      output.AddLost(socket.TakeDropped());
      output.ReopenIfReplaced();
    }
    output.Flush();
  }
}

}  // namespace agent::log_writer

#include "scaler/ctl/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "scaler/ctl/table.h"

namespace scaler::ctl {
namespace {

constexpr const char* kClear = "\r\033[K";

extern "C" void TakeAwayAndEnd(int signal) {
  // Only what a handler may do: write, and end as if it had never been there.
  if (::write(STDERR_FILENO, kClear, 4) < 0) {
    // Then nobody sees it.
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

std::string FormatProgress(double share, std::chrono::milliseconds elapsed,
                           const std::string& words) {
  constexpr int kWidth = 30;
  const double done = std::clamp(share, 0.0, 1.0);
  const int filled = static_cast<int>(done * kWidth);
  const double seconds = std::chrono::duration<double>(elapsed).count();
  // An estimate from little is none.
  const auto left = done > 0.02 && seconds > 1 ? FormatAge(seconds * (1 - done) / done) + " left"
                                               : std::string("      ");
  return fmt::format("[{}{}] {:3.0f} %  {}  {}", std::string(static_cast<std::size_t>(filled), '#'),
                     std::string(static_cast<std::size_t>(kWidth - filled), '-'), done * 100, left,
                     words.substr(0, 40));
}

ProgressBar::ProgressBar()
    : terminal_(::isatty(STDERR_FILENO) != 0), begin_(std::chrono::steady_clock::now()) {
  if (terminal_) {
    std::signal(SIGINT, TakeAwayAndEnd);
    std::signal(SIGTERM, TakeAwayAndEnd);
  }
}

ProgressBar::~ProgressBar() {
  if (shown_) {
    std::fputs(kClear, stderr);
  }
  if (terminal_) {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
  }
}

void ProgressBar::Show(double share, const std::string& words) {
  if (!terminal_) {
    return;
  }
  shown_ = true;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin_);
  std::fputs((kClear + FormatProgress(share, elapsed, words)).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace scaler::ctl

#pragma once

#include <chrono>
#include <string>

namespace scaler::ctl {

/// "[########------------]  40 %  1m12s left  series 251": at most 100 characters.
[[nodiscard]] std::string FormatProgress(double share, std::chrono::milliseconds elapsed,
                                         const std::string& words);

/// A line on stderr that says how far something is, if stderr is a terminal; else nothing. An
/// interrupt takes it away before it ends the program. One at a time, one thread.
class ProgressBar {
 public:
  ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();

  /// `share`: what is done, from 0 to 1.
  void Show(double share, const std::string& words);

 private:
  bool shown_ = false;
  bool terminal_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace scaler::ctl

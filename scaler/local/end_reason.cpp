#include "scaler/local/end_reason.h"

#include <sys/wait.h>

#include <csignal>

namespace scaler::local {

using common::lifecycle::EndReason;

ExitStatus FromWaitStatus(int status) {
  if (WIFSIGNALED(status)) {
    return {.exit_code = std::nullopt, .signal = WTERMSIG(status)};
  }
  return {.exit_code = WEXITSTATUS(status), .signal = std::nullopt};
}

EndReason Classify(Asked asked, const ExitStatus& status, bool oom_kills_rose) {
  if (asked == Asked::kHealthCheck) {
    return EndReason::kHealthCheck;
  }
  if (asked == Asked::kScaleDown) {
    return EndReason::kScaledDown;
  }
  if (oom_kills_rose && status.signal == SIGKILL) {
    return EndReason::kOomKilled;
  }
  return status.exit_code == 0 ? EndReason::kCompleted : EndReason::kAppError;
}

}  // namespace scaler::local

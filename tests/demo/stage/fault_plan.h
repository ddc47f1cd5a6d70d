#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"

namespace demo {

enum class FaultKind {
  kKill,    ///< SIGKILL, and another start after a while, as an init system does it.
  kPause,   ///< SIGSTOP, and SIGCONT after a while: the part is there and does not answer.
  kAbsent,  ///< Not there from the beginning; started later.
  kRotate,  ///< The access log is renamed and its writer told, as logrotate does it.
};

[[nodiscard]] std::string FaultKindName(FaultKind kind);

/// Something that is done to a part of the demo in mid-run. Times since the traffic began.
struct PlannedFault {
  std::chrono::milliseconds at{};
  FaultKind kind = FaultKind::kKill;
  std::string part;                    ///< As people write it: "scaler".
  std::chrono::milliseconds length{};  ///< From `at` to the restart or SIGCONT.

  friend bool operator==(const PlannedFault&, const PlannedFault&) = default;
};

/// The program of a part: "trimtab-scaler" of "scaler".
[[nodiscard]] std::string ProgramOf(const std::string& part);

/// Reads "12s:kill:scaler", "12s:kill:scaler:3s", "20s:pause:agent:8s", "5s:absent:prometheus"
/// (started 5 s after the traffic began) or "30s:rotate:log_writer", each a fault, and sorts them.
///
/// Fails, quoting the text, where one makes no sense, where two of one part overlap, and where one
/// is not over when a run of `duration` ends.
[[nodiscard]] common::Result<std::vector<PlannedFault>> ParseFaults(
    const std::vector<std::string>& texts, std::optional<std::chrono::milliseconds> duration);

/// What --help says of them.
[[nodiscard]] std::string FaultHelp();

}  // namespace demo

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/result.h"

namespace common::lifecycle {

/// Why a container ended; the label values of trimtab_container_restarts_total, and the one end
/// that is no restart.
enum class EndReason {
  kOomKilled,
  kAppError,     ///< Its own exit code other than 0, or a signal that was not ours.
  kHealthCheck,  ///< We ended it because its health check failed.
  kEvicted,
  kCompleted,   ///< It exited with 0 though nobody had asked it to.
  kScaledDown,  ///< We asked for it: not a restart.
  kUnknown,     ///< Nobody saw it end (its shim was killed, the machine went down).
};

[[nodiscard]] std::string_view ReasonName(EndReason reason);  ///< "oom_killed", "app_error", ...
[[nodiscard]] std::optional<EndReason> FindReason(std::string_view name);

enum class Event {
  kDeclared,  ///< The workload exists, so its counters are exported from 0.
  kStart,
  kEnd,
};

/// One line of the lifecycle file: what the local platform tells the agent.
///
/// One JSON object a line, appended with a single write, never changed. A reader skips a line
/// whose version it does not know and counts it; unknown keys are ignored.
struct Record {
  static constexpr int kVersion = 1;

  Event event = Event::kDeclared;
  WallTime time;
  std::string name_space;  ///< "local" on one machine.
  std::string workload;
  std::string container;
  std::string replica;              ///< Empty where the event is kDeclared; else "shop-01-3".
  std::uint32_t attempt = 0;        ///< 0 for the first start of a replica, +1 for each restart.
  std::int32_t pid = 0;             ///< Of the container's first process.
  std::string cgroup;               ///< Path below each controller's mount; empty without a cgroup.
  std::optional<EndReason> reason;  ///< kEnd only.
  std::optional<std::int32_t> exit_code;  ///< kEnd, where it exited.
  std::optional<std::int32_t> signal;     ///< kEnd, where a signal ended it.
  /// kDeclared only: how often the workload's containers had ended before the records that follow.
  std::map<EndReason, std::uint64_t> earlier_ends{};

  friend bool operator==(const Record&, const Record&) = default;
};

/// The record as one line with its line end.
[[nodiscard]] std::string Encode(const Record& record);

/// Reads one line. bad_message where it is no record; not_supported where the version is newer.
[[nodiscard]] Result<Record> Decode(std::string_view line);

}  // namespace common::lifecycle

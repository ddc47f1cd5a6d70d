#include "agent/kubernetes/end_reason.h"

#include <chrono>

namespace agent::kubernetes {
namespace {

using common::WallTime;
using common::lifecycle::EndReason;

// 128 and the number of the signal.
constexpr std::int64_t kKilled = 137;
constexpr std::int64_t kTerminated = 143;

/// Statuses and events are told in whole seconds.
constexpr auto kSlack = std::chrono::seconds(1);

bool IsWithin(const std::optional<WallTime>& time, const Termination& life) {
  return time && (!life.started_at || *time >= *life.started_at - kSlack) &&
         (!life.finished_at || *time <= *life.finished_at + kSlack);
}

/// An event that was told again and again covers the time from its first to its last.
bool Covers(const PodEvent& event, const Termination& life) {
  const bool begins_in_time =
      !event.first || !life.finished_at || *event.first <= *life.finished_at + kSlack;
  const bool ends_in_time =
      !event.last || !life.started_at || *event.last >= *life.started_at - kSlack;
  return begins_in_time && ends_in_time;
}

/// The runtime or the kubelet says that it does not know.
bool IsLost(const Termination& termination) {
  return termination.reason == "ContainerStatusUnknown" || termination.reason == "Unknown";
}

bool IsBySignal(const Termination& termination) {
  return termination.exit_code == kKilled || termination.exit_code == kTerminated;
}

}  // namespace

bool IsPlain(const Termination& termination, bool has_probe) {
  return termination.reason == "OOMKilled" || IsLost(termination) ||
         (!has_probe && !IsBySignal(termination));
}

Evidence EvidenceOf(const std::vector<PodEvent>& events, const std::string& container,
                    const Termination& termination) {
  Evidence evidence;
  for (const auto& event : events) {
    if (event.container != container) {
      continue;
    }
    const bool ended_it = IsWithin(event.first, termination) || IsWithin(event.last, termination);
    switch (event.kind) {
      case PodEvent::Kind::kProbeKilled:
        evidence.probe_killed = evidence.probe_killed || ended_it;
        break;
      case PodEvent::Kind::kChanged:
        evidence.changed = evidence.changed || ended_it;
        break;
      case PodEvent::Kind::kProbeFailed:
        evidence.probe_failed = evidence.probe_failed || Covers(event, termination);
        break;
    }
  }
  return evidence;
}

EndReason ReasonOf(const Termination& termination, const Evidence& evidence) {
  if (termination.reason == "OOMKilled") {
    return EndReason::kOomKilled;
  }
  if (IsLost(termination)) {
    return EndReason::kUnknown;
  }
  if (evidence.changed) {
    return EndReason::kScaledDown;
  }
  if (evidence.probe_killed) {
    return EndReason::kHealthCheck;
  }
  // Some runtimes see the signal and not whose it was.
  if (evidence.oom_killed && termination.exit_code == kKilled) {
    return EndReason::kOomKilled;
  }
  // A kubelet that tells too much leaves events out; that the probe failed may be all it told.
  if (evidence.probe_failed && IsBySignal(termination)) {
    return EndReason::kHealthCheck;
  }
  return termination.exit_code == 0 ? EndReason::kCompleted : EndReason::kAppError;
}

}  // namespace agent::kubernetes

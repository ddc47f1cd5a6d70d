#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scaler/engine/policy.h"

namespace scaler::engine {

/// A value and when it was true, in engine time.
template <typename T>
struct Sampled {
  T value{};
  Time at{};

  friend bool operator==(const Sampled&, const Sampled&) = default;
};

/// One replica as its platform and its agent describe it.
struct Pod {
  enum class Phase { kPending, kRunning, kFailed };
  enum class End { kNone, kCompleted, kError, kOutOfMemory, kHealthCheck, kEvicted };

  std::string name;
  Phase phase = Phase::kRunning;
  bool ready = false;
  bool terminating = false;
  bool owned = true;                  ///< The selector finds it and the workload made it.
  bool waits_for_restart = false;     ///< CrashLoopBackOff.
  std::optional<Time> started;        ///< Kubernetes' status.startTime.
  std::optional<Time> ready_changed;  ///< The last transition of the condition Ready.
  std::string revision;               ///< Of its template; a roll-out has more than one.

  double cpu_request_cores = 0;
  double memory_request_bytes = 0;
  double memory_limit_bytes = 0;             ///< 0: none.
  std::optional<Sampled<double>> cpu_cores;  ///< Use; over the metrics' own window.
  std::optional<Sampled<double>> memory_bytes;

  std::uint32_t restarts = 0;
  End last_end = End::kNone;
  std::optional<Time> last_end_at;

  friend bool operator==(const Pod&, const Pod&) = default;
};

}  // namespace scaler::engine

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/interruption/notice.h"
#include "agent/interruption/protocol.h"
#include "common/clock.h"

namespace agent::interruption {

/// What is known, and how the last look went.
struct Watched {
  Notices notices = {};
  bool success = false;
  double seconds = 0;                                   ///< How long the last look took.
  std::optional<common::MonotonicTime> looked_at = {};  ///< When one last succeeded.

  friend bool operator==(const Watched&, const Watched&) = default;
};

struct WatcherOptions {
  Provider provider = Provider::kAws;
  std::string address = {};  ///< "http://169.254.169.254"; no TLS, as metadata services are.
  std::chrono::milliseconds interval{1000};
  std::chrono::milliseconds deadline{1000};       ///< Of each question.
  std::chrono::milliseconds longest_pause{5000};  ///< After failures; not below `interval`.
};

/// The pause after so many failures in a row: doubled each time up to the longest, of which
/// `jitter` (from 0 to 1) takes away up to a quarter, so that many nodes do not ask in step.
[[nodiscard]] std::chrono::milliseconds Pause(const WatcherOptions& options, int failures,
                                              double jitter);

/// Asks the metadata service again and again, on a thread of its own: one that hangs delays
/// nothing else. Where it fails, the last notices stay.
class Watcher {
 public:
  /// `changed` is called on the watcher's thread when the notices are others.
  Watcher(WatcherOptions options, const common::Clock& clock, std::function<void()> changed);
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  /// Waits for the question that is being asked, at most its deadline.
  ~Watcher();

  /// Any thread.
  [[nodiscard]] Watched Latest() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace agent::interruption

#pragma once

#include <mutex>
#include <vector>

#include "tests/demo/traffic/events.h"

namespace demo {

/// Brings events of several sources, which come late and mixed, into the order of their times.
class Timeline {
 public:
  /// Thread-safe.
  void Add(Event event);

  /// Everything that happened before `horizon`, sorted. What comes later must not be older.
  [[nodiscard]] std::vector<Event> TakeBefore(MonotonicTime horizon);

 private:
  std::mutex mutex_;
  std::vector<Event> events_;
};

}  // namespace demo

#include "tests/demo/stage/timeline.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace demo {

void Timeline::Add(Event event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
}

std::vector<Event> Timeline::TakeBefore(MonotonicTime horizon) {
  const std::lock_guard lock(mutex_);
  const auto rest = std::stable_partition(
      events_.begin(), events_.end(), [&](const Event& event) { return TimeOf(event) < horizon; });
  std::vector<Event> taken(std::make_move_iterator(events_.begin()), std::make_move_iterator(rest));
  events_.erase(events_.begin(), rest);
  std::stable_sort(taken.begin(), taken.end(),
                   [](const Event& a, const Event& b) { return TimeOf(a) < TimeOf(b); });
  return taken;
}

}  // namespace demo

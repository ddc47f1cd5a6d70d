#include "scaler/loop/lead_meter.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace scaler::loop {
namespace {

using common::MonotonicTime;
using platform::Phase;

/// Of the difference to a start that was faster than thought.
constexpr int kForgetFifths = 5;

bool IsStarting(const platform::Replica& replica) {
  // One that has ended before starts after a back-off, and one that has served only pauses: neither
  // says anything of the next new one.
  return replica.phase == Phase::kStarting && replica.restarts == 0 && !replica.has_served;
}

/// When something happened that the look at `now` was the first to show, and the one at `looked_at`
/// (empty: there was none) did not. What the platform has `told` is believed if it is between.
MonotonicTime When(std::optional<MonotonicTime> told, std::optional<MonotonicTime> looked_at,
                   MonotonicTime now) {
  const bool is_between = told && *told <= now && (!looked_at || *told >= *looked_at);
  return is_between ? *told : now;
}

}  // namespace

void LeadMeter::Observe(const platform::Workload& workload, common::MonotonicTime now) {
  const auto looked_at = std::exchange(looked_at_, now);
  if (starting_.empty() &&
      std::none_of(workload.replicas.begin(), workload.replicas.end(), IsStarting)) {
    return;
  }
  std::map<std::string, common::MonotonicTime> still;
  for (const auto& replica : workload.replicas) {
    const auto known = starting_.find(replica.id);
    if (IsStarting(replica)) {
      // What has been starting since before anybody looked began when it was made.
      still.emplace(replica.id, known == starting_.end() ? When(replica.created, looked_at, now)
                                                         : known->second);
    } else if (known != starting_.end() && replica.phase == Phase::kReady) {
      const auto ready = When(replica.ready_changed, looked_at, now);
      TakeStart(std::chrono::duration_cast<engine::Duration>(ready - known->second));
    }
  }
  starting_ = std::move(still);
}

void LeadMeter::TakeStart(engine::Duration took) {
  const bool slower = !measured_ || took >= *measured_;
  measured_ = slower ? took : *measured_ - (*measured_ - took) / kForgetFifths;
}

}  // namespace scaler::loop

#include "scaler/loop/lead_meter.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace scaler::loop {
namespace {

using platform::Phase;

/// Of the difference to a start that was faster than thought.
constexpr int kForgetFifths = 5;

bool IsStarting(const platform::Replica& replica) {
  // One that has ended before starts after a back-off, and one that has served only pauses: neither
  // says anything of the next new one.
  return replica.phase == Phase::kStarting && replica.restarts == 0 && !replica.has_served;
}

}  // namespace

void LeadMeter::Observe(const platform::Workload& workload, common::MonotonicTime now) {
  const bool is_first_look = !std::exchange(looked_, true);
  if (starting_.empty() &&
      std::none_of(workload.replicas.begin(), workload.replicas.end(), IsStarting)) {
    return;
  }
  std::map<std::string, common::MonotonicTime> still;
  for (const auto& replica : workload.replicas) {
    const auto known = starting_.find(replica.id);
    if (IsStarting(replica)) {
      // What has been starting since before anybody looked began when it was made.
      const auto first_seen = is_first_look ? std::min(now, replica.created.value_or(now)) : now;
      still.emplace(replica.id, known == starting_.end() ? first_seen : known->second);
    } else if (known != starting_.end() && replica.phase == Phase::kReady) {
      TakeStart(std::chrono::duration_cast<engine::Duration>(now - known->second));
    }
  }
  starting_ = std::move(still);
}

void LeadMeter::TakeStart(engine::Duration took) {
  const bool slower = !measured_ || took >= *measured_;
  measured_ = slower ? took : *measured_ - (*measured_ - took) / kForgetFifths;
}

}  // namespace scaler::loop

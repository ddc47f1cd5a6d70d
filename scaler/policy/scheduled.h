#pragma once

#include <vector>

#include "scaler/policy/scaling_policy.h"

namespace scaler::policy {

/// When the bounds of the schedules hold between `from` and `until`, in UTC, by their beginning.
/// Intervals are whole: the first may begin before `from`, the last end after `until`.
[[nodiscard]] std::vector<engine::ScheduledBounds> Intervals(
    const std::vector<BoundsSchedule>& schedules, engine::Time from, engine::Time until);

}  // namespace scaler::policy

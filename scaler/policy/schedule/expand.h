#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scaler/engine/policy.h"
#include "scaler/policy/schedule/cron.h"

namespace scaler::policy::schedule {

/// `until` is not included.
struct Interval {
  engine::Time from;
  engine::Time until;

  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Whether this machine's time zone database has the name.
[[nodiscard]] bool IsTimeZone(std::string_view name);

/// When the recurrence holds between `from` and `until`: in order, apart from each other, and
/// whole, so that the first may begin before `from` and the last end after `until`.
///
/// It begins by the clock on the wall of its zone: a time of day that is left out when clocks go
/// forward counts as the first that there is after it, and one that comes twice when they go back
/// begins only the first time. What it lasts is real time. Depends on nothing but its arguments
/// and the machine's time zone database; of a zone that is not in there it is empty.
[[nodiscard]] std::vector<Interval> Expand(const Recurrence& recurrence, engine::Time from,
                                           engine::Time until);

}  // namespace scaler::policy::schedule

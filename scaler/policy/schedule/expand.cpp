#include "scaler/policy/schedule/expand.h"

#include <date/tz.h>

#include <algorithm>
#include <bit>
#include <exception>

namespace scaler::policy::schedule {
namespace {

using std::chrono::seconds;

/// The zone of that name; null where there is none. date throws what it does not know.
const date::time_zone* FindZone(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return nullptr;
  }
}

bool Has(std::uint64_t set, unsigned value) { return (set >> value & 1U) != 0; }

bool IsOn(const Cron& cron, date::local_days day) {
  const date::year_month_day date(day);
  const bool day_fits = Has(cron.days, unsigned(date.day()));
  const bool weekday_fits = Has(cron.weekdays, date::weekday(day).c_encoding());
  return Has(cron.months, unsigned(date.month())) &&
         (cron.either_day ? day_fits || weekday_fits : day_fits && weekday_fits);
}

date::sys_seconds Begin(const date::time_zone& zone, date::local_seconds wall) {
  const auto info = zone.get_info(wall);
  // In a gap, `first` is what held before it and ends where it begins. Of two times alike,
  // `first` is the earlier.
  return info.result == date::local_info::nonexistent
             ? info.first.end
             : date::sys_seconds(wall.time_since_epoch() - info.first.offset);
}

void AddDay(const Cron& cron, const date::time_zone& zone, date::local_days day,
            std::vector<date::sys_seconds>& beginnings) {
  for (unsigned hour = 0; hour < 24; ++hour) {
    for (auto minutes = Has(cron.hours, hour) ? cron.minutes : 0; minutes != 0;
         minutes &= minutes - 1) {
      const auto minute = std::countr_zero(minutes);
      beginnings.push_back(
          Begin(zone, day + std::chrono::hours(hour) + std::chrono::minutes(minute)));
    }
  }
}

std::vector<date::sys_seconds> Beginnings(const Cron& cron, const date::time_zone& zone,
                                          date::sys_seconds from, date::sys_seconds until) {
  std::vector<date::sys_seconds> beginnings;
  // No zone is further than a day from UTC.
  const auto first = date::floor<date::days>(from) - date::days(1);
  const auto last = date::floor<date::days>(until) + date::days(1);
  for (auto day = first; day <= last; day += date::days(1)) {
    const date::local_days local(day.time_since_epoch());
    if (IsOn(cron, local)) {
      AddDay(cron, zone, local, beginnings);
    }
  }
  std::sort(beginnings.begin(), beginnings.end());
  return beginnings;
}

}  // namespace

bool IsTimeZone(std::string_view name) { return FindZone(name) != nullptr; }

std::vector<Interval> Expand(const Recurrence& recurrence, engine::Time from, engine::Time until) {
  const auto* const zone = FindZone(recurrence.time_zone);
  if (zone == nullptr || until <= from) {
    return {};
  }
  std::vector<Interval> intervals;
  const auto earliest = date::floor<seconds>(from - recurrence.length);
  for (const auto begin :
       Beginnings(recurrence.cron, *zone, earliest, date::ceil<seconds>(until))) {
    const engine::Time end = begin + recurrence.length;
    if (end <= from || begin >= until) {
      continue;
    }
    if (!intervals.empty() && begin <= intervals.back().until) {
      intervals.back().until = std::max(intervals.back().until, end);
    } else {
      intervals.push_back({begin, end});
    }
  }
  return intervals;
}

}  // namespace scaler::policy::schedule

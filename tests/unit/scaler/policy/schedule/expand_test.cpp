#include "scaler/policy/schedule/expand.h"

#include <date/tz.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace scaler::policy::schedule {
namespace {

using engine::Time;
using std::chrono::minutes;
using namespace std::chrono_literals;

/// North and south, half hours and quarters, a shift of 30 min, one around Ramadan, none at all.
constexpr std::array<const char*, 10> kZones = {
    "Europe/Bucharest", "America/New_York",  "Australia/Lord_Howe", "Pacific/Chatham",
    "America/St_Johns", "Africa/Casablanca", "Asia/Kathmandu",      "America/Santiago",
    "Antarctica/Troll", "Europe/Dublin"};

/// "2026-03-28T06:00:00Z".
Time At(const char* text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  EXPECT_EQ(std::sscanf(text, "%d-%u-%uT%d:00:00Z", &year, &month, &day, &hour), 4) << text;
  return date::sys_days(date::year(year) / date::month(month) / date::day(day)) +
         std::chrono::hours(hour);
}

std::string Show(const std::vector<Interval>& intervals) {
  std::string text;
  for (const auto& interval : intervals) {
    text += date::format("%FT%R", date::floor<minutes>(interval.from)) + " to " +
            date::format("%FT%R", date::floor<minutes>(interval.until)) + "\n";
  }
  return text;
}

Recurrence When(const char* cron, const char* zone, engine::Duration length) {
  auto parsed = ParseCron(cron);
  EXPECT_TRUE(parsed) << cron;
  return {.cron = *parsed, .time_zone = zone, .length = length};
}

bool Fits(const Cron& cron, date::local_time<minutes> wall) {
  const auto day = date::floor<date::days>(wall);
  const date::year_month_day date(day);
  const auto of_day = (wall - day).count();
  const auto has = [](std::uint64_t set, long value) { return (set >> value & 1U) != 0; };
  const bool day_fits = has(cron.days, static_cast<long>(unsigned(date.day())));
  const bool weekday_fits = has(cron.weekdays, static_cast<long>(date::weekday(day).c_encoding()));
  return has(cron.minutes, of_day % 60) && has(cron.hours, of_day / 60) &&
         has(cron.months, static_cast<long>(unsigned(date.month()))) &&
         (cron.either_day ? day_fits || weekday_fits : day_fits && weekday_fits);
}

/// When the cron begins, found by watching the clock on the wall for every minute: the reference.
/// A minute begins something if the clock shows a fitting time for the first time, or if it has
/// just jumped over one.
std::vector<Time> Watch(const Cron& cron, const date::time_zone& zone, Time from, Time until) {
  std::vector<Time> beginnings;
  const auto wall_at = [&](Time now) {
    const auto info = zone.get_info(date::floor<std::chrono::seconds>(now));
    return date::local_time<minutes>(date::floor<minutes>(
        date::floor<std::chrono::seconds>(now).time_since_epoch() + info.offset));
  };
  // What was shown before, as clocks go back by less than a day.
  auto latest = wall_at(from - 24h);
  for (Time now = from - 24h; now < from; now += 1min) {
    latest = std::max(latest, wall_at(now));
  }
  for (Time now = from; now < until; now += 1min) {
    const auto wall = wall_at(now);
    bool begins = false;
    for (auto shown = latest + minutes(1); shown <= wall; shown += minutes(1)) {
      begins = begins || Fits(cron, shown);
    }
    latest = std::max(latest, wall);
    if (begins) {
      beginnings.push_back(now);
    }
  }
  return beginnings;
}

std::vector<Interval> Reference(const Recurrence& when, Time from, Time until) {
  const auto* const zone = date::locate_zone(when.time_zone);
  std::vector<Interval> intervals;
  for (const auto begin : Watch(when.cron, *zone, from - when.length - 24h, until)) {
    const auto end = begin + when.length;
    if (end <= from) {
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

/// Every change of the zone's clock in these years.
std::vector<Time> TransitionsOf(const char* name, int first_year, int last_year) {
  const auto* const zone = date::locate_zone(name);
  std::vector<Time> transitions;
  date::sys_seconds now = date::sys_days(date::year(first_year) / 1 / 1);
  const date::sys_seconds end = date::sys_days(date::year(last_year + 1) / 1 / 1);
  while (now < end) {
    now = zone->get_info(now).end;
    if (now < end) {
      transitions.emplace_back(now);
    }
  }
  return transitions;
}

TEST(Schedule, KeepsOfficeHoursOverTheChangeOfClocks) {
  // 8:00 is 6:00 UTC in winter and 5:00 in summer; it changes on 29 March 2026.
  EXPECT_EQ(Show(Expand(When("0 8 * * *", "Europe/Bucharest", 10h), At("2026-03-28T00:00:00Z"),
                        At("2026-03-30T00:00:00Z"))),
            "2026-03-28T06:00 to 2026-03-28T16:00\n2026-03-29T05:00 to 2026-03-29T15:00\n");
}

TEST(Schedule, ATimeThatIsLeftOutBeginsWithTheFirstAfterIt) {
  // 3:00 to 4:00 is left out; 4:00 is 1:00 UTC.
  EXPECT_EQ(Show(Expand(When("30 3 * * *", "Europe/Bucharest", 1h), At("2026-03-29T00:00:00Z"),
                        At("2026-03-30T00:00:00Z"))),
            "2026-03-29T01:00 to 2026-03-29T02:00\n");
}

TEST(Schedule, ATimeThatComesTwiceBeginsOnce) {
  // 3:30 comes at 0:30 and at 1:30 UTC.
  EXPECT_EQ(Show(Expand(When("30 3 * * *", "Europe/Bucharest", 30min), At("2026-10-25T00:00:00Z"),
                        At("2026-10-26T00:00:00Z"))),
            "2026-10-25T00:30 to 2026-10-25T01:00\n");
}

TEST(Schedule, LastsByAStopwatch) {
  // From midnight on, over the change: ten hours are ten hours.
  for (const auto& interval : Expand(When("@daily", "Europe/Bucharest", 10h),
                                     At("2026-01-01T00:00:00Z"), At("2026-12-31T00:00:00Z"))) {
    EXPECT_EQ(interval.until - interval.from, 10h);
  }
}

TEST(Schedule, TellsWhatHasBegunBeforeAndIsStillOn) {
  EXPECT_EQ(Show(Expand(When("0 8 * * *", "UTC", 10h), At("2026-05-01T12:00:00Z"),
                        At("2026-05-01T13:00:00Z"))),
            "2026-05-01T08:00 to 2026-05-01T18:00\n");
}

TEST(Schedule, JoinsWhatOverlaps) {
  EXPECT_EQ(Show(Expand(When("0 */6 * * *", "UTC", 6h), At("2026-05-01T00:00:00Z"),
                        At("2026-05-02T00:00:00Z"))),
            "2026-05-01T00:00 to 2026-05-02T00:00\n");
}

TEST(Schedule, IsEmptyInAZoneThatDoesNotExist) {
  EXPECT_TRUE(Expand(When("@daily", "Europe/Bukarest", 1h), At("2026-05-01T00:00:00Z"),
                     At("2026-05-02T00:00:00Z"))
                  .empty());
  EXPECT_FALSE(IsTimeZone("Europe/Bukarest"));
  EXPECT_FALSE(IsTimeZone("../../etc/passwd"));
  EXPECT_TRUE(IsTimeZone("Europe/Bucharest"));
}

TEST(Schedule, AgreesWithAClockOnTheWallAroundEveryChangeOfTenZones) {
  std::size_t transitions = 0;
  for (const auto* const zone : kZones) {
    for (const auto transition : TransitionsOf(zone, 2022, 2027)) {
      ++transitions;
      for (const auto* const cron : {"*/30 * * * *", "15 2 * * *", "59 0-3 * * *", "0 3 * * 0"}) {
        const auto when = When(cron, zone, 20min);
        const auto from = transition - 12h;
        const auto until = transition + 12h;
        ASSERT_EQ(Show(Expand(when, from, until)), Show(Reference(when, from, until)))
            << zone << ' ' << cron;
      }
    }
  }
  EXPECT_GT(transitions, 80U);
}

RC_GTEST_PROP(Schedule, AgreesWithAClockOnTheWallAtAnyTime, ()) {
  const auto number = [](int least, int most) { return *rc::gen::inRange(least, most + 1); };
  const auto either = [](std::string one, std::string other) {
    return *rc::gen::arbitrary<bool>() ? one : other;
  };
  const auto text = fmt::format("{} {} {} {} {}", either("*/20", std::to_string(number(0, 59))),
                                either("*", fmt::format("{}-{}", number(0, 11), number(12, 23))),
                                either("*", std::to_string(number(1, 28))),
                                either("*", std::to_string(number(1, 12))),
                                either("*", std::to_string(number(0, 7))));
  const auto when = When(text.c_str(), kZones[static_cast<std::size_t>(number(0, 9))],
                         minutes(number(1, 60 * 30)));
  const auto from = At("2024-01-01T00:00:00Z") + minutes(number(0, 3 * 365 * 24 * 60));
  const auto until = from + std::chrono::hours(number(1, 72));

  RC_ASSERT(Show(Expand(when, from, until)) == Show(Reference(when, from, until)));
}

}  // namespace
}  // namespace scaler::policy::schedule

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.h"
#include "scaler/engine/policy.h"

namespace scaler::policy::schedule {

/// When something begins, in the five fields of cron. Bit n of a set stands for the value n.
struct Cron {
  std::string text;  ///< As it was written.
  std::uint64_t minutes = 0;
  std::uint32_t hours = 0;
  std::uint32_t days = 0;      ///< Of the month, from 1.
  std::uint32_t months = 0;    ///< From 1.
  std::uint32_t weekdays = 0;  ///< From 0, which is Sunday.
  /// As in every cron: where the day and the weekday are both restricted, either of them is
  /// enough. A field that begins with '*' or '?' does not count as restricted.
  bool either_day = false;

  friend bool operator==(const Cron&, const Cron&) = default;
};

/// Minute, hour, day of the month, month, weekday: numbers, names of months and weekdays, lists,
/// ranges and steps; or @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually. Fails
/// where it is not that, or never comes (31 February).
[[nodiscard]] common::Result<Cron> ParseCron(std::string_view text);

/// On a day on which it begins at all.
[[nodiscard]] int BeginningsPerDay(const Cron& cron);

/// Something that begins by a clock on the wall and lasts.
struct Recurrence {
  Cron cron;
  std::string time_zone = "UTC";  ///< IANA's name.
  engine::Duration length{};      ///< As a stopwatch counts it.

  friend bool operator==(const Recurrence&, const Recurrence&) = default;
};

}  // namespace scaler::policy::schedule

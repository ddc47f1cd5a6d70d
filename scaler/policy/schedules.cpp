#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "scaler/policy/reading.h"
#include "scaler/policy/schedule/expand.h"

namespace scaler::policy {
namespace {

using common::yaml::Map;
using common::yaml::Value;
using namespace std::chrono_literals;

constexpr std::size_t kMostSchedules = 32;

/// An interval is a value in every decision's input; who wants more has a signal in mind.
constexpr int kMostBeginningsPerDay = 48;

constexpr double kLargestFactor = 100;

/// The keys of a Recurrence; empty if one of them is wrong.
std::optional<schedule::Recurrence> ReadRecurrence(Map& map) {
  schedule::Recurrence when;
  const auto cron = map.Required("cron");
  const auto zone = map.Optional("timeZone");
  const auto length = map.Required("for").Duration(1min, 31 * 24h);
  const auto text = ReadString(cron);
  const auto parsed = text ? schedule::ParseCron(*text) : common::Result<schedule::Cron>();
  bool good = text && parsed && length;
  if (!parsed) {
    cron.Problem(parsed.error().what);
  } else if (schedule::BeginningsPerDay(*parsed) > kMostBeginningsPerDay) {
    cron.Problem(fmt::format("begins more than {} times a day", kMostBeginningsPerDay));
    good = false;
  }
  if (const auto name = ReadString(zone)) {
    when.time_zone = *name;
    if (!schedule::IsTimeZone(*name)) {
      zone.Problem(fmt::format("no time zone is called '{}'; write it like Europe/Bucharest",
                               name->substr(0, 64)));
      good = false;
    }
  }
  if (!good) {
    return std::nullopt;
  }
  when.cron = *parsed;
  when.length = *length;
  return when;
}

std::optional<BoundsSchedule> ReadBounds(const std::string& name, const Value& value) {
  auto map = value.AsMap();
  if (!map) {
    return std::nullopt;
  }
  auto when = ReadRecurrence(*map);
  const auto min = map->Optional("min");
  const auto max = map->Optional("max");
  map->Finish();
  BoundsSchedule made{.name = name,
                      .when = when.value_or(schedule::Recurrence()),
                      .min = min.Int(0, kMostReplicas),
                      .max = max.Int(1, kMostReplicas)};
  if (!min && !max) {
    value.Problem("expected min or max, which hold meanwhile");
  }
  if (made.min && made.max && *made.min > *made.max) {
    min.Problem(fmt::format("must be at most max ({}), found {}", *made.max, *made.min));
  }
  return when ? std::optional(made) : std::nullopt;
}

std::optional<SpareSchedule> ReadSpare(const std::string& name, const Value& value) {
  auto map = value.AsMap();
  if (!map) {
    return std::nullopt;
  }
  auto when = ReadRecurrence(*map);
  const auto factor = map->Required("factor").Number(0, kLargestFactor);
  map->Finish();
  if (!when || !factor) {
    return std::nullopt;
  }
  return SpareSchedule{.name = name, .when = std::move(*when), .factor = *factor};
}

template <typename Schedule>
void Put(std::vector<Schedule>& schedules, Schedule schedule) {
  const auto at = std::lower_bound(
      schedules.begin(), schedules.end(), schedule,
      [](const Schedule& left, const Schedule& right) { return left.name < right.name; });
  if (at != schedules.end() && at->name == schedule.name) {
    *at = std::move(schedule);
  } else {
    schedules.insert(at, std::move(schedule));
  }
}

template <typename Schedule, typename Read>
void ReadAll(const Value& value, const Read& read, std::vector<Schedule>& schedules) {
  if (!value) {
    return;
  }
  for (const auto& [name, given] : ReadNamed(value, kMostSchedules)) {
    if (auto schedule = read(name, given)) {
      Put(schedules, std::move(*schedule));
    }
  }
}

}  // namespace

void ReadSchedules(const Value& value, std::vector<BoundsSchedule>& schedules) {
  ReadAll(value, ReadBounds, schedules);
}

void ReadSchedules(const Value& value, std::vector<SpareSchedule>& schedules) {
  ReadAll(value, ReadSpare, schedules);
}

}  // namespace scaler::policy

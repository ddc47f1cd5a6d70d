#include "common/lifecycle/record.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <utility>

namespace common::lifecycle {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<EndReason, std::string_view>, 7> kReasons = {{
    {EndReason::kOomKilled, "oom_killed"},
    {EndReason::kAppError, "app_error"},
    {EndReason::kHealthCheck, "health_check"},
    {EndReason::kEvicted, "evicted"},
    {EndReason::kCompleted, "completed"},
    {EndReason::kScaledDown, "scaled_down"},
    {EndReason::kUnknown, "unknown"},
}};

constexpr std::array<std::pair<Event, std::string_view>, 3> kEvents = {{
    {Event::kDeclared, "declared"},
    {Event::kStart, "start"},
    {Event::kEnd, "end"},
}};

/// No record of ours comes near; a longer line is damage and not worth parsing.
constexpr std::size_t kLongestLine = 64UL * 1024;

tl::unexpected<Error> Bad(std::string_view what) {
  return Fail(std::errc::bad_message, "lifecycle record: " + std::string(what));
}

Result<std::string> Text(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr) {
    return std::string();
  }
  if (!value->is_string()) {
    return Bad("'" + std::string(key) + "' is not a string");
  }
  return std::string(value->get_string());
}

/// Absent is nullopt; present must be a whole number that fits T.
template <typename T>
Result<std::optional<T>> Number(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_int64() || !std::in_range<T>(value->get_int64())) {
    return Bad("'" + std::string(key) + "' is not a number in its range");
  }
  return static_cast<T>(value->get_int64());
}

/// Moves a parsed field to its place; the first failure wins and stays.
template <typename From, typename To>
void Take(Result<From> from, To& to, Result<void>& outcome) {
  if (!outcome) {
    return;
  }
  if (!from) {
    outcome = tl::make_unexpected(from.error());
    return;
  }
  to = std::move(*from);
}

/// A reason that a later version added counts as unknown, as everywhere.
Result<std::map<EndReason, std::uint64_t>> Ends(const json::object& object) {
  std::map<EndReason, std::uint64_t> ends;
  const json::value* const value = object.if_contains("earlier_ends");
  if (value == nullptr) {
    return ends;
  }
  if (!value->is_object()) {
    return Bad("'earlier_ends' is not an object");
  }
  for (const auto& [name, count] : value->get_object()) {
    if (!count.is_int64() || count.get_int64() < 0) {
      return Bad("'earlier_ends' holds something that is not a count");
    }
    ends[FindReason(name).value_or(EndReason::kUnknown)] +=
        static_cast<std::uint64_t>(count.get_int64());
  }
  return ends;
}

Result<void> CheckVersion(const json::object& object) {
  const auto version = Number<std::int32_t>(object, "version");
  if (!version || !*version || **version < 1) {
    return Bad("no version");
  }
  if (**version > Record::kVersion) {
    return Fail(std::errc::not_supported,
                "lifecycle record: version " + std::to_string(**version) + " is newer than ours");
  }
  return {};
}

Result<Event> FindEvent(std::string_view name) {
  const auto* const found = std::find_if(kEvents.begin(), kEvents.end(),
                                         [&](const auto& event) { return event.second == name; });
  if (found == kEvents.end()) {
    return Bad("unknown event '" + std::string(name) + "'");
  }
  return found->first;
}

/// A reason that a later version added still is an end: it is read as unknown.
std::optional<EndReason> ReasonOf(const std::string& name) {
  return name.empty() ? std::nullopt
                      : std::optional(FindReason(name).value_or(EndReason::kUnknown));
}

Result<Record> FromObject(const json::object& object) {
  Result<void> outcome;
  Record record;
  std::string event;
  std::string reason;
  std::optional<std::int64_t> time;
  std::optional<std::uint32_t> attempt;
  std::optional<std::int32_t> pid;
  Take(Text(object, "event"), event, outcome);
  Take(Number<std::int64_t>(object, "time_ms"), time, outcome);
  Take(Text(object, "namespace"), record.name_space, outcome);
  Take(Text(object, "workload"), record.workload, outcome);
  Take(Text(object, "container"), record.container, outcome);
  Take(Text(object, "replica"), record.replica, outcome);
  Take(Number<std::uint32_t>(object, "attempt"), attempt, outcome);
  Take(Number<std::int32_t>(object, "pid"), pid, outcome);
  Take(Text(object, "cgroup"), record.cgroup, outcome);
  Take(Text(object, "reason"), reason, outcome);
  Take(Number<std::int32_t>(object, "exit_code"), record.exit_code, outcome);
  Take(Number<std::int32_t>(object, "signal"), record.signal, outcome);
  Take(Ends(object), record.earlier_ends, outcome);
  Take(FindEvent(event), record.event, outcome);
  if (!outcome) {
    return tl::make_unexpected(outcome.error());
  }
  if (!time || record.workload.empty()) {
    return Bad("no time or no workload");
  }
  if (record.event != Event::kDeclared && record.replica.empty()) {
    return Bad("no replica");
  }
  if (record.event != Event::kDeclared && !record.earlier_ends.empty()) {
    return Bad("earlier ends outside a declaration");
  }
  record.reason = ReasonOf(reason);
  if (record.event == Event::kEnd && !record.reason) {
    return Bad("an end without its reason");
  }
  record.time = WallTime(std::chrono::milliseconds(*time));
  record.attempt = attempt.value_or(0);
  record.pid = pid.value_or(0);
  return record;
}

}  // namespace

std::string_view ReasonName(EndReason reason) {
  const auto* const found = std::find_if(kReasons.begin(), kReasons.end(),
                                         [&](const auto& each) { return each.first == reason; });
  return found == kReasons.end() ? "unknown" : found->second;
}

std::optional<EndReason> FindReason(std::string_view name) {
  const auto* const found = std::find_if(kReasons.begin(), kReasons.end(),
                                         [&](const auto& each) { return each.second == name; });
  return found == kReasons.end() ? std::nullopt : std::optional(found->first);
}

std::string Encode(const Record& record) {
  const auto* const event = std::find_if(
      kEvents.begin(), kEvents.end(), [&](const auto& each) { return each.first == record.event; });
  json::object object;
  object["version"] = Record::kVersion;
  object["event"] = event->second;
  object["time_ms"] = record.time.time_since_epoch().count();
  object["namespace"] = record.name_space;
  object["workload"] = record.workload;
  object["container"] = record.container;
  if (record.event != Event::kDeclared) {
    object["replica"] = record.replica;
    object["attempt"] = record.attempt;
    object["pid"] = record.pid;
    object["cgroup"] = record.cgroup;
  }
  if (record.reason) {
    object["reason"] = ReasonName(*record.reason);
  }
  if (record.exit_code) {
    object["exit_code"] = *record.exit_code;
  }
  if (record.signal) {
    object["signal"] = *record.signal;
  }
  for (const auto& [reason, count] : record.earlier_ends) {
    auto& ends = object["earlier_ends"];
    if (!ends.is_object()) {
      ends.emplace_object();
    }
    ends.get_object()[ReasonName(reason)] = static_cast<std::int64_t>(count);
  }
  return json::serialize(object) + "\n";
}

Result<Record> Decode(std::string_view line) {
  if (line.size() > kLongestLine) {
    return Bad("the line is too long");
  }
  boost::system::error_code error;
  const json::value value = json::parse({line.data(), line.size()}, error);
  if (error || !value.is_object()) {
    return Bad("not a JSON object");
  }
  const auto& object = value.get_object();
  return CheckVersion(object).and_then([&] { return FromObject(object); });
}

}  // namespace common::lifecycle

#include "scaler/backtest/history/time_stamp.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "common/text.h"

namespace scaler::backtest::history {
namespace {

constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2199;
constexpr double kLastSecond = 230.0 * 365.25 * 86'400;

/// `length` digits at `at`.
std::optional<int> Digits(std::string_view text, std::size_t at, std::size_t length) {
  int value = 0;
  for (std::size_t i = at; i < at + length; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    }
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<Time> ParseCalendar(std::string_view text) {
  constexpr std::size_t kWhole = std::string_view("2026-01-31 08:00:00").size();
  if (text.size() < kWhole || text[4] != '-' || text[7] != '-' ||
      (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto year = Digits(text, 0, 4);
  const auto month = Digits(text, 5, 2);
  const auto day = Digits(text, 8, 2);
  const auto hour = Digits(text, 11, 2);
  const auto minute = Digits(text, 14, 2);
  const auto second = Digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second || *year < kFirstYear ||
      *year > kLastYear || *hour > 23 || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  auto rest = text.substr(kWhole);
  Duration fraction{};
  if (!rest.empty() && rest.front() == '.') {
    const auto digits = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    const auto part = common::ParseDouble("0" + std::string(rest.substr(0, digits)));
    if (digits < 2 || !part) {
      return std::nullopt;
    }
    fraction = Duration(static_cast<long>(std::floor(*part * 1000)));
    rest.remove_prefix(digits);
  }
  if (!rest.empty() && rest != "Z") {
    return std::nullopt;
  }
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second) + fraction;
}

}  // namespace

std::optional<Time> ParseTime(std::string_view text) {
  if (const auto seconds = common::ParseDouble(text)) {
    if (*seconds < 0 || *seconds > kLastSecond) {
      return std::nullopt;
    }
    return Time(Duration(std::llround(*seconds * 1000)));
  }
  return ParseCalendar(text);
}

}  // namespace scaler::backtest::history

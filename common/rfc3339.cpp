#include "common/rfc3339.h"

#include <array>

namespace common {
namespace {

/// So many digits at the head of `text`, which they leave; -1 where there are fewer.
int TakeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) {
    return -1;
  }
  int number = 0;
  for (const char digit : text.substr(0, count)) {
    if (digit < '0' || digit > '9') {
      return -1;
    }
    number = number * 10 + (digit - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool Take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::chrono::milliseconds TakeFraction(std::string_view& text) {
  std::chrono::milliseconds fraction{0};
  for (int worth = 100; !text.empty() && text.front() >= '0' && text.front() <= '9'; worth /= 10) {
    fraction += std::chrono::milliseconds(worth * (text.front() - '0'));
    text.remove_prefix(1);
  }
  return fraction;
}

/// "Z", "+01:00", "-00:30"; nothing else.
std::optional<std::chrono::minutes> ParseOffset(std::string_view text) {
  if (text == "Z" || text == "z") {
    return std::chrono::minutes(0);
  }
  const bool west = Take(text, '-');
  if (!west && !Take(text, '+')) {
    return std::nullopt;
  }
  const int hours = TakeDigits(text, 2);
  const bool parted = Take(text, ':');
  const int minutes = TakeDigits(text, 2);
  if (hours < 0 || hours > 23 || !parted || minutes < 0 || minutes > 59 || !text.empty()) {
    return std::nullopt;
  }
  return std::chrono::minutes((west ? -1 : 1) * (hours * 60 + minutes));
}

}  // namespace

std::optional<WallTime> ParseRfc3339(std::string_view text) {
  std::array<int, 6> parts{};  // Year, month, day, hour, minute, second.
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts.at(i) = TakeDigits(text, i == 0 ? 4 : 2);
    const bool ended = i == 5 || Take(text, i < 2 ? '-' : i == 2 ? 'T' : ':');
    if (parts.at(i) < 0 || !ended) {
      return std::nullopt;
    }
  }
  const auto day = std::chrono::year(parts[0]) / parts[1] / parts[2];
  // 60 is a leap second.
  if (!day.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) {
    return std::nullopt;
  }
  WallTime time = std::chrono::sys_days(day);
  time += std::chrono::hours(parts[3]) + std::chrono::minutes(parts[4]) +
          std::chrono::seconds(parts[5]);
  if (Take(text, '.')) {
    if (text.empty() || text.front() < '0' || text.front() > '9') {
      return std::nullopt;
    }
    time += TakeFraction(text);
  }
  const auto offset = ParseOffset(text);
  return offset ? std::optional(time - *offset) : std::nullopt;
}

}  // namespace common

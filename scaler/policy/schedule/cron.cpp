#include "scaler/policy/schedule/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <optional>
#include <vector>

#include "common/text.h"

namespace scaler::policy::schedule {
namespace {

using common::Fail;
using common::Result;

constexpr std::size_t kLongestText = 256;

/// One of the five: its name for messages, its bounds, and its words for them.
struct Field {
  std::string_view name;
  unsigned least = 0;
  unsigned most = 0;
  std::string_view words;  ///< Three letters each, from `least`.
};

constexpr std::array<Field, 5> kFields = {{
    {"minute", 0, 59, ""},
    {"hour", 0, 23, ""},
    {"day", 1, 31, ""},
    {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    // 7 is Sunday too.
    {"weekday", 0, 7, "sunmontuewedthufrisat"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNicknames = {{
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
}};

constexpr std::array<unsigned, 13> kLongestMonths = {0,  31, 29, 31, 30, 31, 30,
                                                     31, 31, 30, 31, 30, 31};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// The piece of `text` before `separator`; `text` is then what follows it, or nothing.
std::string_view TakeUntil(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto piece = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return piece;
}

std::optional<unsigned> ParseNumber(std::string_view text, const Field& field) {
  for (std::size_t at = 0; text.size() == 3 && at < field.words.size(); at += 3) {
    if (field.words.substr(at, 3) == Lower(text)) {
      return field.least + static_cast<unsigned>(at / 3);
    }
  }
  const auto number = common::ParseUnsigned(text);
  if (!number || text.size() > 2 || *number < field.least || *number > field.most) {
    return std::nullopt;
  }
  return static_cast<unsigned>(*number);
}

Result<unsigned> Number(std::string_view text, const Field& field) {
  const auto number = ParseNumber(text, field);
  if (!number) {
    return Fail(std::errc::invalid_argument,
                fmt::format("the {} '{}' is not one of {} to {}{}", field.name, text, field.least,
                            field.most, field.words.empty() ? "" : ", or a name"));
  }
  return *number;
}

struct Range {
  unsigned from = 0;
  unsigned to = 0;
};

Result<Range> ParseRange(std::string_view text, bool stepped, const Field& field) {
  if (text == "*" || text == "?") {
    return Range{field.least, field.most};
  }
  const bool has_end = text.find('-') != std::string_view::npos;
  const auto first = Number(TakeUntil(text, '-'), field);
  if (!first) {
    return tl::make_unexpected(first.error());
  }
  if (!has_end) {
    return Range{*first, stepped ? field.most : *first};
  }
  const auto last = Number(text, field);
  if (!last) {
    return tl::make_unexpected(last.error());
  }
  if (*last < *first) {
    return Fail(std::errc::invalid_argument,
                fmt::format("the {}s {} to {} run backwards", field.name, *first, *last));
  }
  return Range{*first, *last};
}

Result<std::uint64_t> ParsePart(std::string_view part, const Field& field) {
  const bool stepped = part.find('/') != std::string_view::npos;
  const auto range = ParseRange(TakeUntil(part, '/'), stepped, field);
  if (!range) {
    return tl::make_unexpected(range.error());
  }
  unsigned step = 1;
  if (stepped) {
    const auto given = common::ParseUnsigned(part);
    if (!given || *given == 0 || *given > field.most) {
      return Fail(
          std::errc::invalid_argument,
          fmt::format("the {}'s step '{}' is not one of 1 to {}", field.name, part, field.most));
    }
    step = static_cast<unsigned>(*given);
  }
  std::uint64_t set = 0;
  for (unsigned value = range->from; value <= range->to; value += step) {
    set |= std::uint64_t{1} << value;
  }
  return set;
}

Result<std::uint64_t> ParseField(std::string_view text, const Field& field) {
  std::uint64_t set = 0;
  do {
    const auto part = ParsePart(TakeUntil(text, ','), field);
    if (!part) {
      return part;
    }
    set |= *part;
  } while (!text.empty());
  return set;
}

bool Comes(const Cron& cron) {
  if (cron.either_day) {
    return true;
  }
  for (unsigned month = 1; month <= 12; ++month) {
    const auto days = (std::uint64_t{1} << (kLongestMonths[month] + 1)) - 1;
    if ((cron.months >> month & 1U) != 0 && (cron.days & days) != 0) {
      return true;
    }
  }
  return false;
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  for (auto word = common::TakeWord(text); !word.empty(); word = common::TakeWord(text)) {
    words.push_back(word);
  }
  return words;
}

}  // namespace

Result<Cron> ParseCron(std::string_view text) {
  if (text.size() > kLongestText) {
    return Fail(std::errc::invalid_argument, "is longer than any cron expression");
  }
  std::string_view fields = text;
  const auto* const nickname =
      std::find_if(kNicknames.begin(), kNicknames.end(),
                   [&](const auto& known) { return known.first == Lower(text); });
  if (nickname != kNicknames.end()) {
    fields = nickname->second;
  }
  const auto words = Words(fields);
  if (words.size() != kFields.size()) {
    return Fail(std::errc::invalid_argument,
                fmt::format("expected minute, hour, day, month and weekday like \"0 8 * * 1-5\", "
                            "or @daily; found {} fields",
                            words.size()));
  }
  std::array<std::uint64_t, 5> sets{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto set = ParseField(words[i], kFields[i]);
    if (!set) {
      return tl::make_unexpected(set.error());
    }
    sets[i] = *set;
  }
  const auto restricted = [](std::string_view word) { return word[0] != '*' && word[0] != '?'; };
  const auto sunday = sets[4] >> 7U & 1U;
  Cron cron{.text = std::string(text),
            .minutes = sets[0],
            .hours = static_cast<std::uint32_t>(sets[1]),
            .days = static_cast<std::uint32_t>(sets[2]),
            .months = static_cast<std::uint32_t>(sets[3]),
            .weekdays = static_cast<std::uint32_t>((sets[4] & 0x7FU) | sunday),
            .either_day = restricted(words[2]) && restricted(words[4])};
  if (!Comes(cron)) {
    return Fail(std::errc::invalid_argument, "a day that never comes");
  }
  return cron;
}

int BeginningsPerDay(const Cron& cron) {
  return std::popcount(cron.minutes) * std::popcount(cron.hours);
}

}  // namespace scaler::policy::schedule

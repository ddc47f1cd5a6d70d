#include "common/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

namespace common {
namespace {

using std::chrono::milliseconds;

constexpr double kLongestMilliseconds = 10.0 * 366 * 24 * 3600 * 1000;

/// The number at the head of `text`, which then begins after it.
std::optional<double> TakeNumber(std::string_view& text) {
  const auto end = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = ParseDouble(text.substr(0, end));
  text.remove_prefix(end);
  return number;
}

template <std::size_t N>
std::optional<double> FindUnit(const std::array<std::pair<std::string_view, double>, N>& units,
                               std::string_view name) {
  const auto* const found = std::find_if(units.begin(), units.end(),
                                         [&](const auto& unit) { return unit.first == name; });
  return found == units.end() ? std::nullopt : std::optional(found->second);
}

constexpr std::array<std::pair<std::string_view, double>, 4> kDurationUnits = {
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};

constexpr std::array<std::pair<std::string_view, double>, 12> kQuantityUnits = {
    {{"", 1},
     {"m", 1e-3},
     {"k", 1e3},
     {"M", 1e6},
     {"G", 1e9},
     {"T", 1e12},
     {"P", 1e15},
     {"Ki", 1024.0},
     {"Mi", 1048576.0},
     {"Gi", 1073741824.0},
     {"Ti", 1099511627776.0},
     {"Pi", 1125899906842624.0}}};

constexpr std::array<std::pair<std::string_view, double>, 3> kRateUnits = {
    {{"s", 1}, {"m", 60}, {"h", 3600}}};

/// Levenshtein's distance, by rows.
std::size_t EditDistance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t substitute = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view TakeLine(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view TakeWord(std::string_view& text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    text = {};
    return {};
  }
  text.remove_prefix(begin);
  const auto end = std::min(text.find_first_of(" \t"), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::optional<std::uint64_t> ParseUnsigned(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [next, code] = std::from_chars(text.data(), end, value);
  return code == std::errc{} && next == end && !text.empty() ? std::optional(value) : std::nullopt;
}

std::optional<double> ParseDouble(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [next, code] = std::from_chars(text.data(), end, value);
  const bool whole = code == std::errc{} && next == end && !text.empty();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::size_t Utf8Length(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const auto continues = [&](std::size_t index) {
    return index < text.size() && (byte(index) & 0xC0U) == 0x80U;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return continues(1) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF && continues(1) && continues(2)) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4 && continues(1) && continues(2) && continues(3)) {
    const bool outside = (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90);
    return outside ? 0 : 4;
  }
  return 0;
}

std::string QuoteJson(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const char c = text.front();
    const auto length = Utf8Length(text);
    if (length == 0) {
      quoted += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (length == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      quoted += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return quoted + "\"";
}

Result<milliseconds> ParseDuration(std::string_view text) {
  const auto fail = [&] {
    return Fail(std::errc::invalid_argument,
                fmt::format("'{}' is not a duration; write it like 90s, 1m30s or 250ms", text));
  };
  if (text == "0") {
    return milliseconds(0);
  }
  double total = 0;
  std::string_view rest = text;
  do {
    const auto number = TakeNumber(rest);
    const auto unit_end = std::min(rest.find_first_of("0123456789."), rest.size());
    const auto unit = FindUnit(kDurationUnits, rest.substr(0, unit_end));
    rest.remove_prefix(unit_end);
    if (!number || !unit) {
      return fail();
    }
    total += *number * *unit;
  } while (!rest.empty());
  if (total > kLongestMilliseconds) {
    return fail();
  }
  return milliseconds(std::llround(total));
}

std::string FormatDuration(milliseconds duration) {
  auto rest = duration.count();
  if (rest == 0) {
    return "0s";
  }
  std::string text = rest < 0 ? "-" : "";
  rest = std::abs(rest);
  const auto take = [&](long unit, const char* name) {
    if (rest >= unit) {
      text += fmt::format("{}{}", rest / unit, name);
      rest %= unit;
    }
  };
  take(3'600'000, "h");
  take(60'000, "m");
  take(1000, "s");
  take(1, "ms");
  return text;
}

Result<double> ParseQuantity(std::string_view text) {
  std::string_view rest = text;
  const auto number = TakeNumber(rest);
  const auto unit = FindUnit(kQuantityUnits, rest);
  if (!number || !unit) {
    return Fail(std::errc::invalid_argument,
                fmt::format("'{}' is not a quantity; write it like 500m, 2 or 64Mi", text));
  }
  return *number * *unit;
}

Result<double> ParseRate(std::string_view text) {
  std::string_view rest = text;
  const auto number = TakeNumber(rest);
  const bool slash = !rest.empty() && rest.front() == '/';
  const auto unit = slash ? FindUnit(kRateUnits, rest.substr(1)) : std::nullopt;
  if (!number || !unit) {
    return Fail(std::errc::invalid_argument,
                fmt::format("'{}' is not a rate; write it like 20/s, 600/m or 36000/h", text));
  }
  return *number / *unit;
}

Result<double> ParsePercent(std::string_view text) {
  std::string_view rest = text;
  const auto number = TakeNumber(rest);
  if (!number || rest != "%") {
    return Fail(std::errc::invalid_argument,
                fmt::format("'{}' is not a share; write it like 70%", text));
  }
  return *number / 100;
}

std::optional<std::string> NearestWord(std::string_view text,
                                       const std::vector<std::string>& candidates) {
  std::optional<std::string> nearest;
  // A third of the letters wrong is still a slip; more is another word.
  std::size_t best = text.size() / 3 + 1;
  for (const auto& candidate : candidates) {
    const auto distance = EditDistance(text, candidate);
    if (distance <= best && distance < candidate.size()) {
      if (!nearest || distance < best) {
        nearest = candidate;
      }
      best = distance;
    }
  }
  return nearest;
}

}  // namespace common

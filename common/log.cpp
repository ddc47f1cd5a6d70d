#include "common/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

#include "common/clock.h"
#include "common/log_repeats.h"
#include "common/text.h"

namespace common::log {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};

std::atomic<Level> lowest_level{Level::kInfo};
std::atomic<Format> line_format{Format::kText};

/// Bare where it reads well, quoted where it has blanks or anything that could forge a line.
std::string TextValue(const std::string& value) {
  const bool bare = !value.empty() && value.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789-_./:%+@,") == std::string::npos;
  return bare ? value : QuoteJson(value);
}

}  // namespace

void Configure(Level lowest, Format format) {
  lowest_level = lowest;
  line_format = format;
}

Result<Level> ParseLevel(std::string_view text) {
  for (std::size_t index = 0; index < kLevelNames.size(); ++index) {
    if (kLevelNames.at(index) == text) {
      return static_cast<Level>(index);
    }
  }
  return Fail(std::errc::invalid_argument,
              fmt::format("log level '{}': must be debug, info, warning or error", text));
}

Result<Format> ParseFormat(std::string_view text) {
  if (text == "text") {
    return Format::kText;
  }
  if (text == "json") {
    return Format::kJson;
  }
  return Fail(std::errc::invalid_argument,
              fmt::format("log format '{}': must be text or json", text));
}

Result<void> Configure(std::string_view lowest, std::string_view format) {
  return ParseLevel(lowest).and_then([&](Level level) {
    return ParseFormat(format).map([&](Format parsed) { Configure(level, parsed); });
  });
}

std::string FormatLine(Format format, std::string_view time, Level level, std::string_view message,
                       const std::vector<Field>& fields) {
  const auto level_name = kLevelNames.at(static_cast<std::size_t>(level));
  std::string line;
  if (format == Format::kText) {
    line = fmt::format("{} {:<7} {}", time, level_name, message);
    for (const auto& field : fields) {
      line += fmt::format(" {}={}", field.key, TextValue(field.value));
    }
    return line;
  }
  line = fmt::format(R"({{"time":"{}","level":"{}","message":{})", time, level_name,
                     QuoteJson(message));
  for (const auto& field : fields) {
    line += fmt::format(",{}:{}", QuoteJson(field.key), QuoteJson(field.value));
  }
  return line + "}";
}

namespace {

/// How many repeats a line stands for beside itself, or nothing if it is held back.
std::optional<std::uint64_t> PassRepeats(Level level, std::string_view message) {
  static std::mutex mutex;
  static Repeats repeats;
  if (level < Level::kWarning) {
    return 0;  // What is said in the course of things is bounded by its cause.
  }
  const std::lock_guard lock(mutex);
  return repeats.Pass(message, SystemClock().Monotonic());
}

}  // namespace

void Write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level < lowest_level.load(std::memory_order_relaxed)) {
    return;
  }
  const auto held_back = PassRepeats(level, message);
  if (!held_back) {
    return;
  }
  std::vector<Field> all(fields);
  if (*held_back > 0) {
    all.push_back({"repeats_held_back", std::to_string(*held_back)});
  }
  const auto line =
      FormatLine(line_format, FormatRfc3339(SystemClock().Wall()), level, message, all) + "\n";
  // One write a line, so that lines of several threads and processes never mix. A log that
  // cannot be written has nobody to tell.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace common::log

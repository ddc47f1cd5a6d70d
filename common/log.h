#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace common::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

struct Field {
  std::string_view key;
  std::string value;
};

/// Sets what is written and how, for the whole process. Default: info, text.
void Configure(Level lowest, Format format);

/// "debug", "info", "warning" or "error".
[[nodiscard]] Result<Level> ParseLevel(std::string_view text);

/// "text" or "json".
[[nodiscard]] Result<Format> ParseFormat(std::string_view text);

/// The same from the words of a command line; says which are allowed where they are others.
[[nodiscard]] Result<void> Configure(std::string_view lowest, std::string_view format);

/// Writes one line to standard error: UTC time, level, message, fields. Thread-safe.
///
/// `message` is a constant sentence (what happened); what varies goes in `fields`. Warnings and
/// errors with the same message are held back where they come too often (log_repeats.h); the next
/// that passes says how many there were.
void Write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

/// The line that Write would produce, without its end. `time` is RFC 3339.
[[nodiscard]] std::string FormatLine(Format format, std::string_view time, Level level,
                                     std::string_view message, const std::vector<Field>& fields);

inline void Debug(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kDebug, message, fields);
}
inline void Info(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kInfo, message, fields);
}
inline void Warning(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kWarning, message, fields);
}
inline void Error(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kError, message, fields);
}

}  // namespace common::log

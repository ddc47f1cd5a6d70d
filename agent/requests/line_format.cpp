#include "agent/requests/line_format.h"

#include <charconv>
#include <cstring>

#include "common/text.h"

namespace agent::requests {
namespace {

constexpr std::string_view kVersion = "t1 ";
constexpr std::string_view kLost = "lost ";
constexpr std::string_view kNoServer = "<NOSRV>";
/// HAProxy's word for a session that ended because no connection to a server could be had; one
/// that waited in the queue until its time was over has sQ, and is no sign of sleep.
constexpr std::string_view kNoConnection = "SC";
constexpr int kUnavailable = 503;

/// Walks over a line field by field; once something does not fit, `Good` is false for good.
class Fields {
 public:
  explicit Fields(std::string_view line) : next_(line.data()), end_(line.data() + line.size()) {}

  [[nodiscard]] bool Good() const { return good_; }
  [[nodiscard]] std::string_view Rest() const { return {next_, Size()}; }

  void Expect(char byte) {
    if (next_ == end_ || *next_ != byte) {
      good_ = false;
      return;
    }
    ++next_;
  }

  /// Digits, at least one, that fit.
  std::uint64_t Unsigned() {
    std::uint64_t value = 0;
    const auto [after, code] = std::from_chars(next_, end_, value);
    good_ = good_ && code == std::errc{};
    next_ = after;
    return value;
  }

  std::int64_t Signed() {
    std::int64_t value = 0;
    const auto [after, code] = std::from_chars(next_, end_, value);
    good_ = good_ && code == std::errc{};
    next_ = after;
    return value;
  }

  /// What stands before the next `end`, which is taken as well.
  std::string_view Until(char end) {
    const auto* const found = static_cast<const char*>(std::memchr(next_, end, Size()));
    if (found == nullptr) {
      good_ = false;
      return {};
    }
    const std::string_view text(next_, static_cast<std::size_t>(found - next_));
    next_ = found + 1;
    return text;
  }

  /// What stands in quotes. Apache and nginx escape quotes and backslashes within.
  std::string_view Quoted() {
    Expect('"');
    const char* const begin = next_;
    for (bool escaped = false; next_ < end_ && (escaped || *next_ != '"'); ++next_) {
      escaped = !escaped && *next_ == '\\';
    }
    if (!good_ || next_ == end_) {
      good_ = false;
      return {};
    }
    const std::string_view text(begin, static_cast<std::size_t>(next_ - begin));
    ++next_;
    return text;
  }

 private:
  [[nodiscard]] std::size_t Size() const { return static_cast<std::size_t>(end_ - next_); }

  const char* next_;
  const char* end_;
  bool good_ = true;
};

int ToStatus(std::int64_t status) {
  return status >= -1 && status <= 999 ? static_cast<int>(status) : 0;
}

Line ParseTrimtab(std::string_view line) {
  if (!line.starts_with(kVersion)) {
    return Rejection::kMalformed;
  }
  line.remove_prefix(kVersion.size());
  if (line.starts_with(kLost)) {
    const auto count = common::ParseUnsigned(line.substr(kLost.size()));
    return count ? Line(LostLines{*count}) : Line(Rejection::kMalformed);
  }
  constexpr std::uint64_t kMaxSeconds = 1ULL << 40U;
  Fields fields(line);
  Request request;
  const auto seconds = fields.Unsigned();
  fields.Expect('.');
  const auto milliseconds = fields.Unsigned();
  fields.Expect(' ');
  request.status = ToStatus(fields.Signed());
  fields.Expect(' ');
  const auto duration = fields.Signed();
  fields.Expect(' ');
  request.sent_bytes = fields.Unsigned();
  fields.Expect(' ');
  request.received_bytes = fields.Unsigned();
  fields.Expect(' ');
  const auto path = fields.Until(' ');
  const auto ended = fields.Until(' ');
  if (!fields.Good() || seconds > kMaxSeconds || milliseconds > 999) {
    return Rejection::kMalformed;
  }
  request.time_milliseconds = static_cast<std::int64_t>(seconds * 1000 + milliseconds);
  if (duration >= 0) {
    request.duration_milliseconds = static_cast<std::uint64_t>(duration);
  }
  // No name of a backend or of a server has a slash.
  const auto slash = path.find('/');
  request.backend = path.substr(0, slash);
  request.no_replica = slash != std::string_view::npos && path.substr(slash + 1) == kNoServer &&
                       ended == kNoConnection && request.status == kUnavailable;
  request.host = fields.Rest();
  return request;
}

/// %v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"
Line ParseVhostCombined(std::string_view line) {
  Fields fields(line);
  Request request;
  request.host = fields.Until(' ');
  // A user name may hold blanks and brackets, but no quote that is not escaped.
  const auto before_request = fields.Rest().find('"');
  if (!fields.Good() || before_request == std::string_view::npos) {
    return Rejection::kMalformed;
  }
  fields = Fields(fields.Rest().substr(before_request));
  fields.Quoted();
  fields.Expect(' ');
  request.status = ToStatus(fields.Signed());
  fields.Expect(' ');
  if (fields.Rest().starts_with('-')) {
    fields.Expect('-');
  } else {
    request.sent_bytes = fields.Unsigned();
  }
  if (!fields.Good()) {
    return Rejection::kMalformed;
  }
  return request;
}

}  // namespace

Line ParseLine(LineFormat format, std::string_view line) {
  if (line.empty()) {
    return Rejection::kMalformed;
  }
  // A writer without O_APPEND leaves NULs after a truncation; no writer of lines means them.
  if (std::memchr(line.data(), '\0', line.size()) != nullptr) {
    return Rejection::kBinary;
  }
  return format == LineFormat::kTrimtab ? ParseTrimtab(line) : ParseVhostCombined(line);
}

std::string FormatLostLines(std::uint64_t count) {
  return std::string(kVersion).append(kLost).append(std::to_string(count));
}

}  // namespace agent::requests

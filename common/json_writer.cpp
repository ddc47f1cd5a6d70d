#include "common/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "common/text.h"

namespace common {
namespace {

/// "-1.7976931348623157e+308" and some.
constexpr std::size_t kLongestDouble = 64;

/// Stands for itself in JSON, as nearly everything that is written.
bool IsPlain(char byte) { return byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\'; }

}  // namespace

JsonWriter& JsonWriter::BeginObject() {
  Separate();
  text_ += '{';
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  text_ += '}';
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  Separate();
  text_ += '[';
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  text_ += ']';
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  String(key);
  text_ += ':';
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  if (!std::all_of(value.begin(), value.end(), IsPlain)) {
    return Raw(QuoteJson(value));
  }
  Separate();
  text_ += '"';
  text_ += value;
  text_ += '"';
  return *this;
}

JsonWriter& JsonWriter::Integer(std::int64_t value) {
  const fmt::format_int digits(value);
  return Raw({digits.data(), digits.size()});
}

JsonWriter& JsonWriter::Double(double value) {
  if (!std::isfinite(value)) {
    return Null();
  }
  std::array<char, kLongestDouble> digits{};
  const auto* const end = fmt::format_to(digits.data(), "{}", value);
  return Raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

JsonWriter& JsonWriter::Bool(bool value) { return Raw(value ? "true" : "false"); }

JsonWriter& JsonWriter::Null() { return Raw("null"); }

JsonWriter& JsonWriter::Raw(std::string_view json) {
  Separate();
  text_ += json;
  return *this;
}

void JsonWriter::Separate() {
  const char last = text_.empty() ? '{' : text_.back();
  if (last != '{' && last != '[' && last != ':') {
    text_ += ',';
  }
}

}  // namespace common

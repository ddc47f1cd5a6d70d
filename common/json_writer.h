#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace common {

/// Writes JSON text front to back; the caller keeps begins and ends in pairs.
///
/// Doubles come in the shortest form that reads back exactly, so that equal values give equal
/// bytes; what is not finite becomes null.
class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();

  /// The next value's name in the open object.
  JsonWriter& Key(std::string_view key);

  JsonWriter& String(std::string_view value);
  JsonWriter& Integer(std::int64_t value);
  JsonWriter& Double(double value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();

  /// `json` is a whole value already.
  JsonWriter& Raw(std::string_view json);

  [[nodiscard]] std::string Take() { return std::move(text_); }

 private:
  /// A comma where the last value was a neighbour.
  void Separate();

  std::string text_;
};

}  // namespace common

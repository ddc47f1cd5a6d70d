#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/rfc3339.h"

// Inside this folder only: it brings simdjson's headers. Objects of the API are read field by
// field, in the order in which they come; what is missing or of another type is as if it were not
// there.
namespace agent::kubernetes::json {

using Value = simdjson::ondemand::value;

/// Calls `take(key, value)` for the fields of an object, in their order. False where it is none, or
/// is damaged; what came before the damage has been told.
template <typename Take>
bool EachField(simdjson::simdjson_result<simdjson::ondemand::object> object, Take take) {
  simdjson::ondemand::object fields;
  // NOLINTNEXTLINE(performance-move-const-arg): simdjson wants an rvalue.
  if (std::move(object).get(fields) != simdjson::SUCCESS) {
    return false;
  }
  for (auto field : fields) {
    std::string_view key;
    Value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
        field.value().get(value) != simdjson::SUCCESS) {
      return false;
    }
    take(key, value);
  }
  return true;
}

/// Calls `take(value)` for the elements of an array, `most` of them.
template <typename Take>
void EachElement(Value value, std::size_t most, Take take) {
  simdjson::ondemand::array elements;
  if (value.get_array().get(elements) != simdjson::SUCCESS) {
    return;
  }
  for (auto element : elements) {
    Value one;
    if (element.get(one) != simdjson::SUCCESS || most-- == 0) {
      return;
    }
    take(one);
  }
}

/// Empty where it is no string.
inline std::string Text(Value value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

inline std::int64_t Number(Value value) {
  std::int64_t number = 0;
  return value.get_int64().get(number) == simdjson::SUCCESS ? number : 0;
}

inline std::uint64_t Count(Value value) {
  const auto number = Number(value);
  return number > 0 ? static_cast<std::uint64_t>(number) : 0;
}

inline std::optional<common::WallTime> Time(Value value) {
  return common::ParseRfc3339(Text(value));
}

}  // namespace agent::kubernetes::json

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/rfc3339.h"
#include "common/text.h"

/// Objects of the API, read field by field with simdjson on demand, in the order in which they
/// come; what is missing or of another type is as if it were not there. The parser's types are
/// parameters, so that only who reads pays for its headers.
namespace common::kubernetes::json {

/// Calls `take(key, value)` for the fields of an object, given as a value or as what get_object()
/// says. False where it is none, or is damaged; what came before the damage has been told.
template <typename Given, typename Take>
bool EachField(Given given, Take&& take) {
  if constexpr (requires { given.get_object(); }) {
    return EachField(given.get_object(), std::forward<Take>(take));
  } else {
    if (given.error()) {
      return false;
    }
    auto fields = std::move(given).value_unsafe();
    for (auto field : fields) {
      auto key = field.unescaped_key();
      if (key.error()) {
        return false;
      }
      auto value = field.value();
      if (value.error()) {
        return false;
      }
      take(std::move(key).value_unsafe(), std::move(value).value_unsafe());
    }
    return true;
  }
}

/// Calls `take(value)` for the items of an array, `most` of them.
template <typename Value, typename Take>
void EachItem(Value value, std::size_t most, Take&& take) {
  auto given = value.get_array();
  if (given.error()) {
    return;
  }
  auto items = std::move(given).value_unsafe();
  for (auto item : items) {
    if (item.error() || most-- == 0) {
      return;
    }
    take(std::move(item).value_unsafe());
  }
}

template <typename Value, typename Take>
void EachItem(Value value, Take&& take) {
  EachItem(value, std::numeric_limits<std::size_t>::max(), std::forward<Take>(take));
}

/// Good until the parser's next document; empty where it is no text.
template <typename Value>
std::string_view ViewOf(Value value) {
  auto text = value.get_string();
  return text.error() ? std::string_view() : std::move(text).value_unsafe();
}

template <typename Value>
std::string TextOf(Value value) {
  return std::string(ViewOf(value));
}

template <typename Value>
std::int64_t NumberOf(Value value, std::int64_t otherwise = 0) {
  auto number = value.get_int64();
  return number.error() ? otherwise : std::move(number).value_unsafe();
}

/// 0 where it is less.
template <typename Value>
std::uint64_t CountOf(Value value) {
  const auto number = NumberOf(value);
  return number > 0 ? static_cast<std::uint64_t>(number) : 0;
}

template <typename Value>
bool IsTrue(Value value) {
  auto is = value.get_bool();
  return !is.error() && std::move(is).value_unsafe();
}

/// Of a quantity, "500m" or "2Gi"; 0 where it is none. The API sends them as texts.
template <typename Value>
double QuantityOf(Value value) {
  return ParseQuantity(ViewOf(value)).value_or(0);
}

template <typename Value>
std::optional<WallTime> TimeOf(Value value) {
  return ParseRfc3339(ViewOf(value));
}

}  // namespace common::kubernetes::json

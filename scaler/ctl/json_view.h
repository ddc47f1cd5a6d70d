#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

// Inside this folder's .cpp files only: it brings simdjson's header.
namespace scaler::ctl {

// Members of an object that an API has answered; what is not there, or is something else, is empty.

[[nodiscard]] inline std::string Text(simdjson::dom::element object, const char* key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

[[nodiscard]] inline std::int64_t Integer(simdjson::dom::element object, const char* key) {
  std::int64_t number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? number : 0;
}

[[nodiscard]] inline double Number(simdjson::dom::element object, const char* key) {
  double number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? number : 0;
}

[[nodiscard]] inline bool Flag(simdjson::dom::element object, const char* key) {
  bool flag = false;
  return object[key].get(flag) == simdjson::SUCCESS && flag;
}

/// simdjson's own empty array may not be iterated.
[[nodiscard]] inline std::vector<simdjson::dom::element> Array(simdjson::dom::element object,
                                                               const char* key) {
  simdjson::dom::array array;
  if (object[key].get(array) != simdjson::SUCCESS) {
    return {};
  }
  return {array.begin(), array.end()};
}

}  // namespace scaler::ctl

#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/text.h"

// Inside this folder only: it brings simdjson's headers.
namespace scaler::kubernetes::nodes {

namespace ondemand = simdjson::ondemand;

/// Calls `field` with key and value of each field; with none where it is no object.
template <typename Field>
void EachField(ondemand::value value, Field&& field) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    return;
  }
  for (auto each : object) {
    std::string_view key;
    ondemand::value inner;
    if (each.unescaped_key().get(key) != simdjson::SUCCESS ||
        each.value().get(inner) != simdjson::SUCCESS) {
      return;
    }
    field(key, inner);
  }
}

/// The same for the items of an array.
template <typename Item>
void EachItem(ondemand::value value, Item&& item) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) {
    return;
  }
  for (auto each : array) {
    ondemand::value inner;
    if (each.get(inner) != simdjson::SUCCESS) {
      return;
    }
    item(inner);
  }
}

/// Good until the parser's next document; empty where it is no text.
inline std::string_view ViewOf(ondemand::value value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

inline std::string TextOf(ondemand::value value) { return std::string(ViewOf(value)); }

inline std::int64_t NumberOf(ondemand::value value, std::int64_t otherwise) {
  std::int64_t number = 0;
  return value.get_int64().get(number) == simdjson::SUCCESS ? number : otherwise;
}

inline bool IsTrue(ondemand::value value) {
  bool is = false;
  return value.get_bool().get(is) == simdjson::SUCCESS && is;
}

/// Of a quantity, "500m" or "2Gi"; 0 where it is none. The API sends them as texts.
inline double QuantityOf(ondemand::value value) {
  return common::ParseQuantity(ViewOf(value)).value_or(0);
}

}  // namespace scaler::kubernetes::nodes

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "common/json_writer.h"
#include "scaler/codec/enum_names.h"
#include "scaler/codec/fields.h"

namespace scaler::codec {

/// Writes values by their description.
class Writer {
 public:
  [[nodiscard]] std::string Take() { return json_.Take(); }

  void Write(bool value) { json_.Bool(value); }
  void Write(int value) { json_.Integer(value); }
  void Write(std::uint32_t value) { json_.Integer(value); }
  void Write(double value) { json_.Double(value); }
  void Write(const std::string& value) { json_.String(value); }
  void Write(engine::Duration value) { json_.Integer(value.count()); }
  void Write(engine::Time value) { Write(value.time_since_epoch()); }

  template <typename E>
  requires std::is_enum_v<E>
  void Write(E value) {
    for (const auto& [candidate, name] : NamesOf(value)) {
      if (candidate == value) {
        json_.String(name);
      }
    }
  }

  template <typename T>
  void Write(const std::optional<T>& value) {
    if (value) {
      Write(*value);
    } else {
      json_.Null();
    }
  }

  template <typename T>
  void Write(const std::vector<T>& values) {
    json_.BeginArray();
    for (const auto& value : values) {
      Write(value);
    }
    json_.EndArray();
  }

  template <typename T>
  requires std::is_class_v<T>
  void Write(const T& value) {
    json_.BeginObject();
    Fields(*this, value, value);
    json_.EndObject();
  }

  template <typename T>
  void operator()(const char* key, const T& member) {
    json_.Key(key);
    Write(member);
  }

 private:
  common::JsonWriter json_;
};

template <typename T>
std::string ToJson(const T& value) {
  Writer writer;
  writer.Write(value);
  return writer.Take();
}

}  // namespace scaler::codec

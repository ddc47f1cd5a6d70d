#pragma once

#include <simdjson.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/json_writer.h"
#include "common/result.h"

// Inside this folder only: it brings simdjson's headers.
//
// A type has one description of its fields, Fields(visitor, value), for writing and for reading
// alike. Enums have Names(value). Instants are whole nanoseconds of CLOCK_MONOTONIC or whole
// milliseconds since 1970.
namespace scaler::local::cloud {

/// The words of an enum: {value, word}.
template <typename E>
using Words = std::vector<std::pair<E, std::string_view>>;

class JsonOut {
 public:
  template <typename T>
  void operator()(const char* key, const T& member) {
    json_.Key(key);
    Write(member);
  }

  template <typename T>
  void Write(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      json_.Bool(value);
    } else if constexpr (std::is_integral_v<T>) {
      json_.Integer(static_cast<std::int64_t>(value));
    } else if constexpr (std::is_floating_point_v<T>) {
      json_.Double(value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      json_.String(value);
    } else if constexpr (std::is_enum_v<T>) {
      for (const auto& [candidate, word] : Names(value)) {
        if (candidate == value) {
          json_.String(word);
        }
      }
    } else {
      json_.BeginObject();
      Fields(*this, value);
      json_.EndObject();
    }
  }
  void Write(std::chrono::milliseconds value) { json_.Integer(value.count()); }
  void Write(common::WallTime value) { json_.Integer(value.time_since_epoch().count()); }
  void Write(common::MonotonicTime value) { json_.Integer(value.time_since_epoch().count()); }
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

  [[nodiscard]] std::string Take() { return json_.Take(); }

 private:
  common::JsonWriter json_;
};

/// Reads into values; the first misfit is kept with its path and the rest is left alone.
class JsonIn {
 public:
  using Element = simdjson::dom::element;

  [[nodiscard]] const std::string& Problem() const { return problem_; }

  template <typename T>
  void operator()(const char* key, T& member) {
    Element found;
    const auto length = path_.size();
    path_ += "." + std::string(key);
    if (object_[key].get(found) == simdjson::SUCCESS) {
      Read(found, member);
    } else {
      Expect(false, "to be there");
    }
    path_.resize(length);
  }

  template <typename T>
  void Read(Element from, T& to) {
    if constexpr (std::is_same_v<T, bool> || std::is_floating_point_v<T>) {
      Expect(from.get(to) == simdjson::SUCCESS, "another kind of value");
    } else if constexpr (std::is_integral_v<T>) {
      std::int64_t number = 0;
      const bool fits = from.get(number) == simdjson::SUCCESS && std::in_range<T>(number);
      Expect(fits, "a whole number in range");
      to = fits ? static_cast<T>(number) : T{};
    } else if constexpr (std::is_enum_v<T>) {
      ReadEnum(from, to);
    } else {
      ReadObject(from, to);
    }
  }
  void Read(Element from, std::string& to) {
    std::string_view text;
    Expect(from.get(text) == simdjson::SUCCESS, "a string");
    to = text;
  }
  void Read(Element from, std::chrono::milliseconds& to) {
    std::int64_t count = 0;
    Read(from, count);
    to = std::chrono::milliseconds(count);
  }
  void Read(Element from, common::WallTime& to) {
    std::chrono::milliseconds since_epoch{};
    Read(from, since_epoch);
    to = common::WallTime(since_epoch);
  }
  void Read(Element from, common::MonotonicTime& to) {
    std::int64_t count = 0;
    Read(from, count);
    to = common::MonotonicTime(std::chrono::nanoseconds(count));
  }
  template <typename T>
  void Read(Element from, std::optional<T>& to) {
    to.reset();
    if (!from.is_null()) {
      Read(from, to.emplace());
    }
  }
  template <typename T>
  void Read(Element from, std::vector<T>& to) {
    simdjson::dom::array items;
    to.clear();
    if (from.get(items) != simdjson::SUCCESS) {
      Expect(false, "a list");
      return;
    }
    for (const auto item : items) {
      if (problem_.empty()) {
        Read(item, to.emplace_back());
      }
    }
  }

 private:
  template <typename T>
  void ReadEnum(Element from, T& to) {
    std::string_view text;
    const bool readable = from.get(text) == simdjson::SUCCESS;
    for (const auto& [candidate, word] : Names(to)) {
      if (readable && text == word) {
        to = candidate;
        return;
      }
    }
    Expect(false, "one of the known words");
  }

  template <typename T>
  void ReadObject(Element from, T& to) {
    simdjson::dom::object object;
    if (from.get(object) != simdjson::SUCCESS) {
      Expect(false, "an object");
      return;
    }
    const auto outer = std::exchange(object_, object);
    Fields(*this, to);
    object_ = outer;
  }

  void Expect(bool holds, const char* what) {
    if (!holds && problem_.empty()) {
      problem_ = path_ + ": expected " + what;
    }
  }

  simdjson::dom::object object_;
  std::string path_;
  std::string problem_;
};

template <typename T>
[[nodiscard]] std::string ToJson(const T& value) {
  JsonOut out;
  out.Write(value);
  return out.Take();
}

/// bad_message, with `what` and the place in its words, where the text is no such value.
template <typename T>
[[nodiscard]] common::Result<T> FromJson(std::string_view text, const std::string& what) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (const auto error = parser.parse(text.data(), text.size()).get(element)) {
    return common::Fail(std::errc::bad_message,
                        what + ": not JSON: " + simdjson::error_message(error));
  }
  T value;
  JsonIn in;
  in.Read(element, value);
  if (!in.Problem().empty()) {
    return common::Fail(std::errc::bad_message, what + in.Problem());
  }
  return value;
}

}  // namespace scaler::local::cloud

#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/result.h"
#include "scaler/codec/enum_names.h"
#include "scaler/codec/fields.h"

namespace scaler::codec {

// Not Boost.JSON: its parser of 1.81 is off by a bit for one double in ten, and a replay must be
// exact. simdjson rounds correctly.
namespace dom = simdjson::dom;

/// Reads into values; the first misfit is kept with its path and the rest is left alone.
class Reader {
 public:
  enum class Keys {
    kOurs,   ///< We wrote it, in this version or in an older one that had fewer keys, or in a later
             ///< one that has more: what is not there has its default, what is unknown is ignored.
    kGiven,  ///< Somebody else did: what is not there has its default, an unknown one is a misfit.
  };

  explicit Reader(Keys keys = Keys::kOurs) : keys_(keys) {}

  [[nodiscard]] const std::string& Problem() const { return problem_; }

  void Read(dom::element from, bool& to) {
    if (from.get(to) != simdjson::SUCCESS) {
      Misfit("true or false");
    }
  }

  template <typename I>
  requires std::is_same_v<I, int> || std::is_same_v<I, std::uint32_t>
  void Read(dom::element from, I& to) {
    std::int64_t number = 0;
    if (from.get(number) == simdjson::SUCCESS && std::in_range<I>(number)) {
      to = static_cast<I>(number);
    } else {
      Misfit("a whole number");
    }
  }

  void Read(dom::element from, double& to) {
    if (from.get(to) != simdjson::SUCCESS) {
      Misfit("a number");
    }
  }

  void Read(dom::element from, std::string& to) {
    std::string_view text;
    if (from.get(text) == simdjson::SUCCESS) {
      to = text;
    } else {
      Misfit("a string");
    }
  }

  void Read(dom::element from, engine::Duration& to) {
    std::int64_t milliseconds = 0;
    if (from.get(milliseconds) == simdjson::SUCCESS) {
      to = engine::Duration(milliseconds);
    } else {
      Misfit("milliseconds");
    }
  }

  void Read(dom::element from, engine::Time& to) {
    engine::Duration since_epoch{};
    Read(from, since_epoch);
    to = engine::Time(since_epoch);
  }

  template <typename E>
  requires std::is_enum_v<E>
  void Read(dom::element from, E& to) {
    std::string_view text;
    const bool readable = from.get(text) == simdjson::SUCCESS;
    for (const auto& [candidate, name] : NamesOf(to)) {
      if (readable && text == name) {
        to = candidate;
        return;
      }
    }
    Misfit("one of the known names");
  }

  template <typename T>
  void Read(dom::element from, std::optional<T>& to) {
    if (from.is_null()) {
      to.reset();
    } else {
      Read(from, to.emplace());
    }
  }

  template <typename T>
  void Read(dom::element from, std::vector<T>& to) {
    dom::array items;
    if (from.get(items) != simdjson::SUCCESS) {
      Misfit("a list");
      return;
    }
    for (const auto item : items) {
      Read(item, to.emplace_back());
    }
  }

  template <typename T>
  requires std::is_class_v<T>
  void Read(dom::element from, T& to) {
    dom::object object;
    if (from.get(object) != simdjson::SUCCESS) {
      Misfit("an object");
      return;
    }
    const auto outer = std::exchange(object_, object);
    const auto outer_known = std::exchange(known_, {});
    Fields(*this, to, to);
    if (keys_ == Keys::kGiven) {
      RefuseUnknown();
    }
    object_ = outer;
    known_ = outer_known;
  }

  template <typename T>
  void operator()(const char* key, T& member) {
    dom::element found;
    const bool is_there = object_[key].get(found) == simdjson::SUCCESS;
    const auto length = path_.size();
    path_ += "." + std::string(key);
    if (is_there) {
      Read(found, member);
    }
    path_.resize(length);
    if (keys_ == Keys::kGiven) {
      known_.emplace_back(key);
    }
  }

 private:
  void Misfit(const char* expected) {
    if (problem_.empty()) {
      problem_ = path_ + ": expected " + expected;
    }
  }

  void RefuseUnknown() {
    for (const auto field : object_) {
      if (problem_.empty() && std::find(known_.begin(), known_.end(), field.key) == known_.end()) {
        problem_ = path_ + "." + std::string(field.key) + ": there is no such key";
      }
    }
  }

  Keys keys_;
  std::vector<std::string_view> known_;  ///< Of the object that is being read.
  dom::object object_;
  std::string path_;
  std::string problem_;
};

/// The document, which the parser owns; bad_message where the text is no JSON.
[[nodiscard]] inline common::Result<dom::element> Parse(dom::parser& parser,
                                                        std::string_view text) {
  dom::element element;
  if (const auto error = parser.parse(text.data(), text.size()).get(element)) {
    return common::Fail(std::errc::bad_message,
                        std::string("not JSON: ") + simdjson::error_message(error));
  }
  return element;
}

/// `what` names the value in the message of a misfit.
template <typename T>
[[nodiscard]] common::Result<T> FromJson(dom::element element, const char* what,
                                         Reader::Keys keys = Reader::Keys::kOurs) {
  T result;
  Reader reader(keys);
  reader.Read(element, result);
  if (!reader.Problem().empty()) {
    return common::Fail(std::errc::bad_message, what + reader.Problem());
  }
  return result;
}

/// The value that a text holds.
template <typename T>
[[nodiscard]] common::Result<T> Decode(std::string_view text, const char* what) {
  dom::parser parser;
  return Parse(parser, text).and_then([&](dom::element element) {
    return FromJson<T>(element, what);
  });
}

/// The same of a line that begins with its version; not_supported where that is not T's.
template <typename T>
[[nodiscard]] common::Result<T> DecodeVersioned(std::string_view text) {
  dom::parser parser;
  return Parse(parser, text).and_then([](dom::element element) -> common::Result<T> {
    std::int64_t version = 0;
    if (element["v"].get(version) != simdjson::SUCCESS) {
      return common::Fail(std::errc::bad_message, "line: has no version");
    }
    if (version != T::kVersion) {
      return common::Fail(std::errc::not_supported, "line: has a version that is not ours");
    }
    return FromJson<T>(element, "line");
  });
}

}  // namespace scaler::codec

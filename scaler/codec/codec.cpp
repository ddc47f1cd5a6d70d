#include "scaler/codec/codec.h"

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/json_writer.h"
#include "scaler/codec/enum_names.h"
#include "scaler/codec/fields.h"

namespace scaler::codec {
namespace {

// Not Boost.JSON: its parser of 1.81 is off by a bit for one double in ten, and a replay must be
// exact. simdjson rounds correctly.
namespace dom = simdjson::dom;

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

/// Reads into values; the first misfit is kept with its path and the rest is left alone.
class Reader {
 public:
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
    if (!from.is_null()) {
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
    Fields(*this, to, to);
    object_ = outer;
  }

  template <typename T>
  void operator()(const char* key, T& member) {
    dom::element found;
    const bool is_there = object_[key].get(found) == simdjson::SUCCESS;
    const auto length = path_.size();
    path_ += "." + std::string(key);
    if (is_there) {
      Read(found, member);
    } else {
      Misfit("to be there");
    }
    path_.resize(length);
  }

 private:
  void Misfit(const char* expected) {
    if (problem_.empty()) {
      problem_ = path_ + ": expected " + expected;
    }
  }

  dom::object object_;
  std::string path_;
  std::string problem_;
};

common::Result<dom::element> Parse(dom::parser& parser, std::string_view text) {
  dom::element element;
  if (const auto error = parser.parse(text.data(), text.size()).get(element)) {
    return common::Fail(std::errc::bad_message,
                        std::string("not JSON: ") + simdjson::error_message(error));
  }
  return element;
}

template <typename T>
common::Result<T> FromJson(dom::element element, const char* what) {
  T result;
  Reader reader;
  reader.Read(element, result);
  if (!reader.Problem().empty()) {
    return common::Fail(std::errc::bad_message, what + reader.Problem());
  }
  return result;
}

}  // namespace

/// The version stands first, so that a reader of a newer line can stop there.
template <typename V, typename T>
void Fields(V& visit, const Line&, T& value) {
  int version = Line::kVersion;
  visit("v", version);
  visit("workload", value.workload);
  visit("policy", value.policy);
  visit("state", value.state);
  visit("observation", value.observation);
  visit("decision", value.decision);
}

std::string EncodeLine(const Line& line) { return ToJson(line); }

common::Result<Line> DecodeLine(std::string_view text) {
  dom::parser parser;
  const auto element = Parse(parser, text);
  if (!element) {
    return tl::make_unexpected(element.error());
  }
  std::int64_t version = 0;
  if ((*element)["v"].get(version) != simdjson::SUCCESS) {
    return common::Fail(std::errc::bad_message, "line: has no version");
  }
  if (version != Line::kVersion) {
    return common::Fail(std::errc::not_supported, "line: has a version that is not ours");
  }
  return FromJson<Line>(*element, "line");
}

std::string EncodeState(const engine::State& state) { return ToJson(state); }

common::Result<engine::State> DecodeState(std::string_view text) {
  dom::parser parser;
  const auto element = Parse(parser, text);
  if (!element) {
    return tl::make_unexpected(element.error());
  }
  return FromJson<engine::State>(*element, "state");
}

std::string EncodeDecision(const engine::Decision& decision) { return ToJson(decision); }

bool Replays(const Line& line) {
  const auto step = engine::Decide(line.policy, line.state, line.observation);
  return EncodeDecision(step.decision) == EncodeDecision(line.decision);
}

}  // namespace scaler::codec

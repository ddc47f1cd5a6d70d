#include "unit/scaler/policy/schema/samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "common/text.h"

namespace scaler::policy::schema {
namespace {

using document::Node;
using Samples = std::vector<Sample>;

constexpr const char* kCannotCompare = "a pattern cannot compare numbers";

std::string Seconds(double seconds) {
  return common::FormatDuration(std::chrono::milliseconds(static_cast<long long>(seconds * 1000)));
}

Samples OfText(const Type& type) {
  const bool may_be_empty = type.pattern.ends_with(")?)?$");
  Samples samples = {{"", may_be_empty, ""}, {5, false, ""}, {Node::EmptyMap(), false, ""}};
  if (type.pattern.empty()) {
    samples.push_back({"Any thing: {will} do", true, ""});
  } else {
    samples.push_back({"-not this-", false, ""});
  }
  if (type.longest > 0 && !type.pattern.empty()) {
    samples.push_back({std::string(type.longest + 1, 'a'), false, ""});
  }
  return samples;
}

Samples OfWord(const Type& type) {
  Samples samples = {{"other", false, ""}, {7, false, ""}, {Node::EmptyList(), false, ""}};
  for (const auto& word : type.words) {
    samples.push_back({word, true, ""});
  }
  const bool off = std::find(type.words.begin(), type.words.end(), "off") != type.words.end();
  samples.push_back({false, off, ""});
  return samples;
}

Node Whole(double value) { return {static_cast<std::int64_t>(value)}; }

Samples OfInteger(const Type& type) {
  return {{Whole(*type.least), true, ""},
          {Whole(*type.most), true, ""},
          {Whole(*type.least - 1), false, ""},
          {Whole(*type.most + 1), false, ""},
          {1.5, false, ""},
          {"1", false, ""},
          {true, false, ""}};
}

Samples OfNumber(const Type& type) {
  return {{Whole(*type.most), true, ""},      {0.5, true, ""},
          {Whole(*type.most + 1), false, ""}, {-1, false, ""},
          {0, !type.above_least, ""},         {"1", false, ""}};
}

Samples OfDuration(const Type& type) {
  return {{Seconds(*type.least), true, ""},
          {Seconds(*type.most), true, ""},
          {"0s", *type.least <= 0, kCannotCompare},
          {Seconds(*type.most + 1), false, kCannotCompare},
          {"5", false, ""},
          {5, false, ""},
          {"5 s", false, ""},
          {"1d", false, ""},
          {"-5m", false, ""}};
}

Samples OfQuantity() {
  return {{1, true, ""},     {"1", true, ""},    {"500m", true, ""}, {"2Gi", true, ""},
          {"0.5", true, ""}, {0, false, ""},     {"0", false, ""},   {"0Mi", false, ""},
          {-1, false, ""},   {"1mi", false, ""}, {"1 Gi", false, ""}};
}

Samples OfMeasure(const Type& type, const std::string& unit) {
  const auto most = fmt::format("{:.10g}", *type.most);
  const auto more = fmt::format("{:.10g}{}", *type.most + 1, unit);
  return {{most + unit, !type.below_most, kCannotCompare},
          {"1" + unit, true, ""},
          {"0.25" + unit, true, ""},
          {"0.0" + unit, !type.above_least, ""},
          {more, false, kCannotCompare},
          {1, false, ""},
          {"1", false, ""},
          {"-1" + unit, false, ""}};
}

Samples OfList(const Type& type) {
  return {{"text", false, ""},
          {Node::EmptyMap(), false, ""},
          {Node::EmptyList(), type.fewest_items == 0, ""}};
}

Samples OfMap(const Type& type) {
  Node strange;
  strange.Set("strange-key", "x");
  Samples samples = {{"text", false, ""}, {5, false, ""}, {Node::EmptyList(), false, ""}};
  if (type.form == Form::kMap) {
    samples.push_back({strange, false, ""});
  }
  const bool closed =
      type.fewest_items > 0 ||
      std::any_of(type.rules.begin(), type.rules.end(),
                  [](const Rule& rule) {
                    return rule.kind == Rule::Kind::kExactlyOne ||
                           rule.kind == Rule::Kind::kAtLeastOne;
                  }) ||
      std::any_of(type.keys.begin(), type.keys.end(), [](const Key& key) { return key.required; });
  if (closed) {
    samples.push_back({Node::EmptyMap(), false, ""});
  }
  return samples;
}

/// What is good for one alternative is good; what is bad for all of them is bad.
Samples OfChoice(const Type& type) {
  Samples samples;
  for (const auto& alternative : type.items) {
    for (auto& sample : SamplesOf(alternative)) {
      if (sample.good) {
        samples.push_back(std::move(sample));
      }
    }
  }
  samples.push_back({5, false, ""});
  samples.push_back({"something else", false, ""});
  samples.push_back({true, false, ""});
  return samples;
}

Node Scalar(const common::yaml::Value& value) {
  const auto text = value.ScalarText();
  std::int64_t whole = 0;
  const char* const end = text.data() + text.size();
  if (value.Quoted()) {
    return {text};
  }
  if (const auto [next, code] = std::from_chars(text.data(), end, whole);
      code == std::errc{} && next == end) {
    return {whole};
  }
  if (const auto number = common::ParseDouble(text)) {
    return {*number};
  }
  return text == "true" || text == "false" ? Node(text == "true") : Node(text);
}

}  // namespace

Samples SamplesOf(const Type& type) {
  switch (type.form) {
    case Form::kText:
      return OfText(type);
    case Form::kWord:
      return OfWord(type);
    case Form::kInteger:
      return OfInteger(type);
    case Form::kNumber:
      return OfNumber(type);
    case Form::kDuration:
      return OfDuration(type);
    case Form::kQuantity:
      return OfQuantity();
    case Form::kRate:
      return OfMeasure(type, "/s");
    case Form::kShare:
      return OfMeasure(type, "%");
    case Form::kMap:
    case Form::kNames:
      return OfMap(type);
    case Form::kList:
      return OfList(type);
    case Form::kChoice:
      return OfChoice(type);
  }
  return {};
}

Node ToNode(const common::yaml::Value& value) {
  using Found = common::yaml::Node::Kind;
  switch (value.Kind()) {
    case Found::kNothing:
      return {};
    case Found::kScalar:
      return Scalar(value);
    case Found::kList: {
      Node list = Node::EmptyList();
      for (const auto& item : value.List()) {
        list.Add(ToNode(item));
      }
      return list;
    }
    case Found::kMap:
      break;
  }
  Node map = Node::EmptyMap();
  for (const auto& [key, entry] : value.Entries()) {
    map.Set(key, ToNode(entry));
  }
  return map;
}

}  // namespace scaler::policy::schema

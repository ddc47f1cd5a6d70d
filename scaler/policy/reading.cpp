#include "scaler/policy/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/text.h"

namespace scaler::policy {
namespace {

using common::yaml::Node;
using common::yaml::Value;
using Operator = LabelRequirement::Operator;

constexpr double kLargestAmount = 1e18;
constexpr std::size_t kMostRequirements = 64;
constexpr std::size_t kMostValues = 256;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestDnsName = 253;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsLetterOrDigit(char c) { return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z'); }

/// What Kubernetes takes for a name of an object.
bool IsDnsName(std::string_view name, bool dots, std::size_t longest) {
  return !name.empty() && name.size() <= longest && IsLowerOrDigit(name.front()) &&
         IsLowerOrDigit(name.back()) && std::all_of(name.begin(), name.end(), [&](char c) {
           return IsLowerOrDigit(c) || c == '-' || (dots && c == '.');
         });
}

/// What Kubernetes takes for a label's value, or its key after the slash.
bool IsLabelWord(std::string_view word) {
  return !word.empty() && word.size() <= kLongestLabel && IsLetterOrDigit(word.front()) &&
         IsLetterOrDigit(word.back()) && std::all_of(word.begin(), word.end(), [](char c) {
           return IsLetterOrDigit(c) || c == '-' || c == '_' || c == '.';
         });
}

bool IsLabelKey(std::string_view key) {
  const auto slash = key.find('/');
  return slash == std::string_view::npos ? IsLabelWord(key)
                                         : IsDnsName(key.substr(0, slash), true, kLongestDnsName) &&
                                               IsLabelWord(key.substr(slash + 1));
}

/// Whether other readers of YAML, Kubernetes' among them, would make a number or a boolean of it.
bool LooksLikeNoText(const std::string& text) {
  static const std::vector<std::string> kWords = {"true", "false", "yes", "no", "on",
                                                  "off",  "null",  "~",   "y",  "n"};
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return common::ParseDouble(text) ||
         std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

/// A label's value; may be empty if it is in quotes.
std::optional<std::string> ReadLabelValue(const Value& value) {
  if (value.Kind() == Node::Kind::kScalar && value.Quoted()) {
    auto text = value.ScalarText();
    if (!text.empty() && !IsLabelWord(text)) {
      value.Problem("a label has letters, digits, '-', '_' and '.', at most 63");
      return std::nullopt;
    }
    return text;
  }
  auto text = ReadString(value);
  if (text && !IsLabelWord(*text)) {
    value.Problem("a label has letters, digits, '-', '_' and '.', at most 63");
    return std::nullopt;
  }
  return text;
}

Labels ReadMatchLabels(const Value& value) {
  Labels labels;
  for (const auto& [key, given] : value.Entries()) {
    if (!IsLabelKey(key)) {
      given.Problem("is no key of a label");
    }
    if (auto text = ReadLabelValue(given)) {
      labels.emplace(key, std::move(*text));
    }
  }
  return labels;
}

LabelRequirement ReadRequirement(const Value& value) {
  LabelRequirement requirement;
  auto map = value.AsMap();
  if (!map) {
    return requirement;
  }
  requirement.key = ReadLabelKey(map->Required("key"));
  const auto op = map->Required("operator")
                      .Enum<Operator>({{"In", Operator::kIn},
                                       {"NotIn", Operator::kNotIn},
                                       {"Exists", Operator::kExists},
                                       {"DoesNotExist", Operator::kDoesNotExist}});
  const auto values = map->Optional("values");
  map->Finish();
  for (const auto& item : values ? values.List() : std::vector<Value>()) {
    if (auto text = ReadLabelValue(item)) {
      requirement.values.push_back(std::move(*text));
    }
  }
  if (!op) {
    return requirement;
  }
  requirement.op = *op;
  const bool wants = *op == Operator::kIn || *op == Operator::kNotIn;
  const auto count = values.Kind() == Node::Kind::kList ? values.List().size() : 0;
  if (wants && count == 0) {
    (values ? values : value).Problem("In and NotIn need at least one of values");
  } else if (!wants && count > 0) {
    values.Problem("Exists and DoesNotExist have no values");
  } else if (count > kMostValues) {
    values.Problem("has more than 256 values");
  }
  return requirement;
}

}  // namespace

std::optional<std::string> ReadString(const Value& value) {
  auto text = value.String();
  if (text && !value.Quoted() && LooksLikeNoText(*text)) {
    value.Problem(fmt::format("expected a text, found {0}; put it in quotes: \"{0}\"", *text));
    return std::nullopt;
  }
  return text;
}

std::string ReadName(const Value& value) {
  auto name = ReadString(value);
  if (name && !IsDnsName(*name, true, kLongestDnsName)) {
    value.Problem("expected lower-case letters, digits, '-' and '.', at most 253");
    return {};
  }
  return name.value_or("");
}

std::string ReadNamespace(const Value& value, const std::string& otherwise) {
  auto name = ReadString(value);
  if (name && !IsDnsName(*name, false, kLongestLabel)) {
    value.Problem("expected lower-case letters, digits and '-', at most 63");
    return {};
  }
  return name.value_or(otherwise);
}

void ReadMetadata(const Value& value, std::string& name, std::string* name_space) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  name = ReadName(map->Required("name"));
  if (name_space != nullptr) {
    const auto given =
        name_space->empty() ? map->Required("namespace") : map->Optional("namespace");
    *name_space = ReadNamespace(given, *name_space);
  }
  for (const auto* const key : {"labels", "annotations"}) {
    if (const auto given = map->Optional(key)) {
      (void)given.StringMap();
    }
  }
  map->Finish();
}

std::string ReadLabelKey(const Value& value) {
  auto key = ReadString(value);
  if (key && !IsLabelKey(*key)) {
    value.Problem("expected the key of a label, like tier or app.kubernetes.io/part-of");
    return {};
  }
  return key.value_or("");
}

Selector ReadSelector(const Value& value) {
  Selector selector;
  auto map = value.AsMap();
  if (!map) {
    return selector;
  }
  const auto labels = map->Optional("matchLabels");
  const auto expressions = map->Optional("matchExpressions");
  map->Finish();
  if (labels) {
    selector.match_labels = ReadMatchLabels(labels);
    // Kubernetes takes an empty selector for "everything", which is too much for a slip.
    if (labels.Kind() == Node::Kind::kMap && labels.Entries().empty()) {
      labels.Problem("expected at least one label");
    }
  }
  if (expressions) {
    const auto items = expressions.List();
    if (expressions.Kind() == Node::Kind::kList && items.empty()) {
      expressions.Problem("expected at least one requirement");
    }
    if (items.size() > kMostRequirements) {
      expressions.Problem("has more than 64 requirements");
      return selector;
    }
    for (const auto& item : items) {
      selector.match_expressions.push_back(ReadRequirement(item));
    }
  }
  if (!labels && !expressions) {
    value.Problem("expected matchLabels or matchExpressions");
  }
  return selector;
}

std::optional<double> ReadShare(const Value& value, double most) {
  const auto share = value.Percent();
  if (share && (*share <= 0 || *share > most)) {
    value.Problem(fmt::format("must be more than 0% and at most {:g}%", most * 100));
    return std::nullopt;
  }
  return share;
}

std::optional<double> ReadAmount(const Value& value) {
  const auto amount = value.Quantity();
  if (amount && (*amount <= 0 || *amount > kLargestAmount)) {
    value.Problem(*amount <= 0 ? "must be more than 0" : "must be at most 1e18");
    return std::nullopt;
  }
  return amount;
}

std::optional<bool> ReadAutoOrOff(const Value& value) {
  if (value.Kind() == Node::Kind::kScalar && !value.Quoted() && value.ScalarText() == "false") {
    return false;
  }
  return value.Enum<bool>({{"auto", true}, {"off", false}});
}

std::vector<std::pair<std::string, Value>> ReadNamed(const Value& value, std::size_t most) {
  auto entries = value.Entries();
  if (entries.size() > most) {
    value.Problem(fmt::format("has more than {} entries", most));
    return {};
  }
  for (const auto& [name, given] : entries) {
    if (!IsLabelWord(name)) {
      given.Problem("a name has letters, digits, '-', '_' and '.', at most 63");
    }
  }
  return entries;
}

}  // namespace scaler::policy

#include "common/yaml/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/text.h"

namespace common::yaml {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kLongestShown = 64;

std::string Found(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNothing:
      return "found nothing";
    case Node::Kind::kList:
      return "found a list";
    case Node::Kind::kMap:
      return "found a map";
    case Node::Kind::kScalar:
      break;
  }
  if (node.text.size() > kLongestShown) {
    return fmt::format("found a text of {} bytes", node.text.size());
  }
  return fmt::format("found {}'{}'", node.quoted ? "the quoted text " : "", node.text);
}

std::string Expected(std::string_view expected, const Node& node) {
  return fmt::format("expected {}, {}", expected, Found(node));
}

bool HasLeadingZero(std::string_view number) {
  if (!number.empty() && number.front() == '-') {
    number.remove_prefix(1);
  }
  return number.size() > 1 && number[0] == '0' && number[1] >= '0' && number[1] <= '9';
}

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const auto magnitude = ParseUnsigned(text.substr(negative ? 1 : 0));
  if (!magnitude || *magnitude > std::uint64_t{1} << 62U || HasLeadingZero(text)) {
    return std::nullopt;
  }
  const auto value = static_cast<std::int64_t>(*magnitude);
  return negative ? -value : value;
}

std::string OutOfBounds(bool too_small, const std::string& bound, const std::string& found) {
  return fmt::format("the {} value is {}, found {}", too_small ? "least" : "largest", bound, found);
}

}  // namespace

Value::Value(NodePtr node, Position at, std::string path, Problems* problems)
    : node_(std::move(node)), at_(at), path_(std::move(path)), problems_(problems) {}

void Value::Problem(std::string what, std::string suggestion) const {
  problems_->Add(at_, path_, std::move(what), std::move(suggestion));
}

bool Value::Is(Node::Kind kind, std::string_view expected) const {
  if (!node_) {
    return false;
  }
  if (node_->kind != kind) {
    Problem(Expected(expected, *node_));
    return false;
  }
  return true;
}

const Node* Value::Scalar(std::string_view expected) const {
  return Is(Node::Kind::kScalar, expected) ? node_.get() : nullptr;
}

const Node* Value::Plain(std::string_view expected) const {
  const Node* const node = Scalar(expected);
  if (node != nullptr && node->quoted) {
    Problem(Expected(expected, *node) + "; leave the quotes out");
    return nullptr;
  }
  return node;
}

std::optional<std::string> Value::String() const {
  const Node* const node = Scalar("a text");
  if (node == nullptr) {
    return std::nullopt;
  }
  if (node->text.empty()) {
    Problem("expected a text, found an empty one");
    return std::nullopt;
  }
  return node->text;
}

std::optional<bool> Value::Bool() const {
  const Node* const node = Plain("true or false");
  if (node == nullptr) {
    return std::nullopt;
  }
  if (node->text != "true" && node->text != "false") {
    Problem(Expected("true or false", *node));
    return std::nullopt;
  }
  return node->text == "true";
}

std::optional<int> Value::Int(int least, int most) const {
  const Node* const node = Plain("a whole number");
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto number = ParseInteger(node->text);
  if (!number) {
    Problem(Expected("a whole number", *node) +
            (HasLeadingZero(node->text) ? "; leave the leading zeros out" : ""));
    return std::nullopt;
  }
  if (*number < least || *number > most) {
    const bool too_small = *number < least;
    Problem(OutOfBounds(too_small, std::to_string(too_small ? least : most), node->text));
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

std::optional<double> Value::Number(double least, double most) const {
  const Node* const node = Plain("a number");
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto number = ParseDouble(node->text);
  if (!number || HasLeadingZero(node->text)) {
    Problem(Expected("a number", *node));
    return std::nullopt;
  }
  if (*number < least || *number > most) {
    const bool too_small = *number < least;
    Problem(OutOfBounds(too_small, fmt::format("{}", too_small ? least : most), node->text));
    return std::nullopt;
  }
  return number;
}

std::optional<milliseconds> Value::Duration(milliseconds least, milliseconds most) const {
  constexpr std::string_view kExpected = "a duration like 1m30s";
  const Node* const node = Scalar(kExpected);
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto duration = ParseDuration(node->text);
  if (!duration) {
    Problem(Expected(kExpected, *node));
    return std::nullopt;
  }
  if (*duration < least || *duration > most) {
    const bool too_small = *duration < least;
    Problem(OutOfBounds(too_small, FormatDuration(too_small ? least : most), node->text));
    return std::nullopt;
  }
  return *duration;
}

std::optional<double> Value::Quantity() const {
  constexpr std::string_view kExpected = "a quantity like 500m, 2 or 64Mi";
  const Node* const node = Scalar(kExpected);
  const auto quantity = node != nullptr ? ParseQuantity(node->text) : Result<double>(0.0);
  if (!quantity) {
    Problem(Expected(kExpected, *node));
  }
  return node != nullptr && quantity ? std::optional(*quantity) : std::nullopt;
}

std::optional<double> Value::Rate() const {
  constexpr std::string_view kExpected = "a rate like 20/s, 600/m or 36000/h";
  const Node* const node = Scalar(kExpected);
  const auto rate = node != nullptr ? ParseRate(node->text) : Result<double>(0.0);
  if (!rate) {
    Problem(Expected(kExpected, *node));
  }
  return node != nullptr && rate ? std::optional(*rate) : std::nullopt;
}

std::optional<double> Value::Percent() const {
  constexpr std::string_view kExpected = "a share like 70%";
  const Node* const node = Scalar(kExpected);
  const auto share = node != nullptr ? ParsePercent(node->text) : Result<double>(0.0);
  if (!share) {
    Problem(Expected(kExpected, *node));
  }
  return node != nullptr && share ? std::optional(*share) : std::nullopt;
}

std::optional<std::ptrdiff_t> Value::Choice(const std::vector<std::string>& words) const {
  const auto expected =
      fmt::format("{} {}", words.size() > 1 ? "one of" : "only", fmt::join(words, ", "));
  const Node* const node = Scalar(expected);
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto found = std::find(words.begin(), words.end(), node->text);
  if (found == words.end()) {
    Problem(Expected(expected, *node), NearestWord(node->text, words).value_or(""));
    return std::nullopt;
  }
  return found - words.begin();
}

std::vector<Value> Value::List() const {
  std::vector<Value> items;
  if (!Is(Node::Kind::kList, "a list")) {
    return items;
  }
  for (const auto& item : node_->items) {
    items.emplace_back(item, item->at, fmt::format("{}[{}]", path_, items.size()), problems_);
  }
  return items;
}

std::vector<std::string> Value::Strings() const {
  std::vector<std::string> texts;
  for (const auto& item : List()) {
    if (auto text = item.String()) {
      texts.push_back(std::move(*text));
    }
  }
  return texts;
}

Value Value::Child(const Entry& entry) const {
  // The key is where a person looks for a map or a list; the mark of the latter is its first
  // element, and nothing at all is marked somewhere behind.
  const bool scalar = entry.value->kind == Node::Kind::kScalar;
  return {entry.value, scalar ? entry.value->at : entry.key_at, JoinPath(path_, entry.key),
          problems_};
}

std::optional<Map> Value::AsMap() const {
  return Is(Node::Kind::kMap, "a map") ? std::optional(Map(*this)) : std::nullopt;
}

std::vector<std::pair<std::string, Value>> Value::Entries() const {
  std::vector<std::pair<std::string, Value>> entries;
  if (Is(Node::Kind::kMap, "a map")) {
    for (const auto& entry : node_->entries) {
      entries.emplace_back(entry.key, Child(entry));
    }
  }
  return entries;
}

std::map<std::string, std::string> Value::StringMap() const {
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : Entries()) {
    if (const Node* const node = value.Scalar("a text")) {
      texts.emplace(key, node->text);
    }
  }
  return texts;
}

Map::Map(Value value) : value_(std::move(value)) {}

Value Map::Optional(std::string_view key) {
  known_.emplace(key);
  const auto& entries = value_.node_->entries;
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (found != entries.end()) {
    return value_.Child(*found);
  }
  return {nullptr, value_.At(), JoinPath(value_.path_, key), value_.problems_};
}

Value Map::Required(std::string_view key) {
  auto value = Optional(key);
  if (!value) {
    value.Problem("is required, but missing");
  }
  return value;
}

void Map::Finish() const {
  const std::vector<std::string> known(known_.begin(), known_.end());
  for (const auto& entry : value_.node_->entries) {
    if (known_.contains(entry.key)) {
      continue;
    }
    auto near = NearestWord(entry.key, known).value_or("");
    auto what = near.empty() ? fmt::format("unknown key; known here: {}", fmt::join(known, ", "))
                             : std::string("unknown key");
    value_.problems_->Add(entry.key_at, JoinPath(value_.path_, entry.key), std::move(what),
                          std::move(near));
  }
}

}  // namespace common::yaml

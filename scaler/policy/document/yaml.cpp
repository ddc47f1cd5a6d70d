#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "common/text.h"
#include "scaler/policy/document/node.h"

namespace scaler::policy::document {
namespace {

constexpr std::size_t kShortLine = 88;

/// What YAML 1.1 takes for a boolean or nothing.
constexpr std::array<std::string_view, 11> kWords = {"true", "false", "yes", "no", "on",  "off",
                                                     "null", "~",     "y",   "n",  ".nan"};

bool IsWord(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

/// A text that every reader of YAML takes for itself, also between brackets.
bool IsPlain(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '_';
  };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || IsWord(text) || text.back() == ' ') {
    return false;
  }
  // Durations, rates, shares and quantities begin with a digit and end otherwise. A number in
  // YAML 1.1 may have letters too: 0x1f, 0b1, 1e3, 1_000.
  const bool measure =
      is_digit(text.front()) &&
      std::string_view("smh%/kMGTPi").find(text.back()) != std::string_view::npos &&
      std::all_of(text.begin(), text.end(), [&](char c) {
        return is_digit(c) || std::string_view(".smh%/kMGTPi").find(c) != std::string_view::npos;
      });
  return measure || (is_letter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
                       return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
                     }));
}

std::string Text(std::string_view text) {
  return IsPlain(text) ? std::string(text) : common::QuoteJson(text);
}

std::string Scalar(const Node& node) {
  if (const auto* const text = node.As<std::string>()) {
    return Text(*text);
  }
  if (const auto* const whole = node.As<std::int64_t>()) {
    return std::to_string(*whole);
  }
  if (const auto* const number = node.As<double>()) {
    return fmt::format("{}", *number);
  }
  if (const auto* const truth = node.As<bool>()) {
    return *truth ? "true" : "false";
  }
  return "null";
}

/// On one line.
std::string Flow(const Node& node) {
  std::string text;
  if (const auto* const list = node.As<Node::List>()) {
    for (const auto& item : *list) {
      text += (text.empty() ? "" : ", ") + Flow(item);
    }
    return "[" + text + "]";
  }
  if (const auto* const map = node.As<Node::Map>()) {
    for (const auto& [key, value] : *map) {
      text += (text.empty() ? "" : ", ") + Text(key) + ": " + Flow(value);
    }
    return "{" + text + "}";
  }
  return Scalar(node);
}

/// Whether a map or list holds others; those that do are written in blocks.
bool IsNested(const Node& node) {
  const auto is_deep = [](const Node& inner) {
    const auto* const list = inner.As<Node::List>();
    const auto* const map = inner.As<Node::Map>();
    return (list != nullptr && !list->empty()) || (map != nullptr && !map->empty());
  };
  if (const auto* const list = node.As<Node::List>()) {
    return std::any_of(list->begin(), list->end(), is_deep);
  }
  const auto* const map = node.As<Node::Map>();
  return map != nullptr && std::any_of(map->begin(), map->end(),
                                       [&](const auto& entry) { return is_deep(entry.second); });
}

bool IsShort(const Node& node, std::size_t indent) {
  return !IsNested(node) && indent + Flow(node).size() <= kShortLine;
}

void Block(const Node& node, std::size_t indent, std::string& out);

/// What stands behind "key:" or "-".
void Behind(const Node& node, std::size_t indent, std::string& out) {
  const bool scalar = node.As<Node::List>() == nullptr && node.As<Node::Map>() == nullptr;
  if (scalar || IsShort(node, indent)) {
    out += " " + Flow(node) + "\n";
  } else {
    out += "\n";
    Block(node, indent, out);
  }
}

void Block(const Node& node, std::size_t indent, std::string& out) {
  const std::string blanks(indent, ' ');
  if (const auto* const list = node.As<Node::List>()) {
    for (const auto& item : *list) {
      out += blanks + "-";
      if (item.As<Node::Map>() != nullptr && !IsShort(item, indent + 2)) {
        std::string below;
        Block(item, indent + 2, below);
        out += " " + below.substr(indent + 2);
      } else {
        Behind(item, indent + 2, out);
      }
    }
  } else if (const auto* const map = node.As<Node::Map>()) {
    for (const auto& [key, value] : *map) {
      out += blanks + Text(key) + ":";
      Behind(value, indent + 2, out);
    }
  }
}

}  // namespace

std::string ToYaml(const Node& node) {
  const auto* const list = node.As<Node::List>();
  const auto* const map = node.As<Node::Map>();
  if ((list == nullptr || list->empty()) && (map == nullptr || map->empty())) {
    return Flow(node) + "\n";
  }
  std::string out;
  Block(node, 0, out);
  return out;
}

}  // namespace scaler::policy::document

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace scaler::policy::document {

/// A piece of a document that the program writes: null, a boolean, a number, a text, a list or a
/// map whose keys keep the order in which they were set. A value.
class Node {
 public:
  using List = std::vector<Node>;
  using Map = std::vector<std::pair<std::string, Node>>;

  Node() = default;
  Node(bool value) : value_(value) {}                    // NOLINT: a value like those in JSON.
  Node(double value) : value_(value) {}                  // NOLINT
  Node(std::string value) : value_(std::move(value)) {}  // NOLINT
  Node(std::string_view value) : value_(std::string(value)) {}  // NOLINT
  Node(const char* value) : value_(std::string(value)) {}       // NOLINT
  Node(List items) : value_(std::move(items)) {}                // NOLINT
  template <typename T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) Node(T value)
      : value_(static_cast<std::int64_t>(value)) {}  // NOLINT

  [[nodiscard]] static Node EmptyMap() {
    Node node;
    node.value_ = Map();
    return node;
  }
  [[nodiscard]] static Node EmptyList() { return List(); }
  [[nodiscard]] static Node Texts(const std::vector<std::string>& texts) {
    return List(texts.begin(), texts.end());
  }

  /// Puts `value` under `key` of a map, in the place of what was there; null becomes a map.
  Node& Set(std::string_view key, Node value);

  /// Appends to a list; null becomes a list.
  Node& Add(Node value);

  /// What a map has under `key`; null where there is nothing.
  [[nodiscard]] const Node* Find(std::string_view key) const;
  [[nodiscard]] Node* Find(std::string_view key);

  void Remove(std::string_view key);

  template <typename T>
  [[nodiscard]] const T* As() const {
    return std::get_if<T>(&value_);
  }
  [[nodiscard]] bool IsNull() const { return std::holds_alternative<std::monostate>(value_); }

  friend bool operator==(const Node&, const Node&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map> value_;
};

/// JSON with an indentation of two blanks, and a line end behind it.
[[nodiscard]] std::string ToJson(const Node& node);

/// YAML in blocks; short maps and lists of scalars stand on one line. Texts that some reader of
/// YAML would take for something else are in quotes.
[[nodiscard]] std::string ToYaml(const Node& node);

}  // namespace scaler::policy::document

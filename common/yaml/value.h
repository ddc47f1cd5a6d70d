#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/yaml/node.h"
#include "common/yaml/problem.h"

namespace common::yaml {

class Map;

/// A place in a document that may hold something, and the only way to read it.
///
/// Every reader returns nothing where nothing is given, and where something wrong is given; then
/// it has said so in the Problems. So a caller reads everything and asks once, at the end,
/// whether there were problems. Cheap to copy; must not outlive its Problems.
class Value {
 public:
  Value(NodePtr node, Position at, std::string path, Problems* problems);

  /// Something is given, be it right or wrong.
  [[nodiscard]] bool Present() const { return node_ != nullptr; }
  explicit operator bool() const { return Present(); }

  /// For keys that may be written in more than one form; kNothing also where nothing is given.
  [[nodiscard]] Node::Kind Kind() const { return node_ ? node_->kind : Node::Kind::kNothing; }

  /// A scalar in quotes, which is a text to every reader of YAML.
  [[nodiscard]] bool Quoted() const { return node_ && node_->quoted; }

  /// What a scalar says, be it right or wrong; empty where there is none.
  [[nodiscard]] std::string ScalarText() const {
    return Kind() == Node::Kind::kScalar ? node_->text : std::string();
  }

  [[nodiscard]] Position At() const { return at_; }
  [[nodiscard]] const std::string& Path() const { return path_; }

  /// A scalar's text as it was written; not empty.
  [[nodiscard]] std::optional<std::string> String() const;

  /// `true` or `false`, without quotes; nothing else.
  [[nodiscard]] std::optional<bool> Bool() const;

  /// A decimal whole number without quotes or leading zeros; the bounds are included.
  [[nodiscard]] std::optional<int> Int(int least = std::numeric_limits<int>::min(),
                                       int most = std::numeric_limits<int>::max()) const;

  /// A decimal number without quotes; the bounds are included.
  [[nodiscard]] std::optional<double> Number(
      double least = std::numeric_limits<double>::lowest(),
      double most = std::numeric_limits<double>::max()) const;

  /// As in Go: 1m30s. The bounds are included.
  [[nodiscard]] std::optional<std::chrono::milliseconds> Duration(
      std::chrono::milliseconds least = std::chrono::milliseconds::zero(),
      std::chrono::milliseconds most = std::chrono::milliseconds::max()) const;

  /// As in Kubernetes: 500m, 64Mi.
  [[nodiscard]] std::optional<double> Quantity() const;

  /// 20/s, 600/m; given per second.
  [[nodiscard]] std::optional<double> Rate() const;

  /// 70%; given as a share of one.
  [[nodiscard]] std::optional<double> Percent() const;

  /// One of a table of names.
  template <typename T>
  [[nodiscard]] std::optional<T> Enum(
      std::initializer_list<std::pair<std::string_view, T>> names) const {
    std::vector<std::string> words;
    for (const auto& [name, value] : names) {
      words.emplace_back(name);
    }
    const auto index = Choice(words);
    return index ? std::optional<T>((names.begin() + *index)->second) : std::nullopt;
  }

  /// The items of a list; none where there is none.
  [[nodiscard]] std::vector<Value> List() const;
  [[nodiscard]] std::vector<std::string> Strings() const;

  [[nodiscard]] std::optional<Map> AsMap() const;

  /// A map whose keys are names that the writer chose, with what each one holds.
  [[nodiscard]] std::vector<std::pair<std::string, Value>> Entries() const;

  /// A map of names to scalars; labels. Values may be empty if they are in quotes.
  [[nodiscard]] std::map<std::string, std::string> StringMap() const;

  /// Says that what is given here is wrong, for reasons beyond its own type.
  void Problem(std::string what, std::string suggestion = {}) const;

 private:
  friend class Map;

  /// The text of a scalar, or nothing after having said what was expected.
  [[nodiscard]] const Node* Scalar(std::string_view expected) const;
  [[nodiscard]] const Node* Plain(std::string_view expected) const;
  [[nodiscard]] bool Is(Node::Kind kind, std::string_view expected) const;
  [[nodiscard]] std::optional<std::ptrdiff_t> Choice(const std::vector<std::string>& words) const;
  [[nodiscard]] Value Child(const Entry& entry) const;

  NodePtr node_;
  Position at_;
  std::string path_;
  Problems* problems_;
};

/// A map with keys that the program knows. Ask for each of them, then call Finish.
class Map {
 public:
  /// `value` is a map.
  explicit Map(Value value);

  /// What the key holds. If it is not there, that is said in the Problems.
  [[nodiscard]] Value Required(std::string_view key);
  [[nodiscard]] Value Optional(std::string_view key);

  /// Says which keys were never asked for: they are unknown. A typing error must not silently
  /// leave a default in place.
  void Finish() const;

  /// The map as a whole, for problems that concern more than one key.
  [[nodiscard]] const Value& Whole() const { return value_; }

 private:
  Value value_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace common::yaml

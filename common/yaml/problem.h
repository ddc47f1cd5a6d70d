#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace common::yaml {

/// Where something stands in a file, from 1, as editors count; {0, 0} is the file as a whole.
/// A column is a character, not a byte.
struct Position {
  int line = 0;
  int column = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

/// One thing that is wrong with a file, in words for the person who wrote the file.
struct Problem {
  std::string file;
  Position at;
  std::string path;        ///< "spec.replicas.min"; empty for a document as a whole.
  std::string what;        ///< "the largest value is 100, found 1000"
  std::string suggestion;  ///< The word that was probably meant, or empty.

  friend bool operator==(const Problem&, const Problem&) = default;
};

/// `file:line:col: path: problem; did you mean 'x'?`, always one line.
[[nodiscard]] std::string ToString(const Problem& problem);

/// One line for each problem, without a line end after the last.
[[nodiscard]] std::string ToString(const std::vector<Problem>& problems);

/// The path of `key` below `path`: "spec.replicas", or labels["app.kubernetes.io/name"] where the
/// key is not a plain word.
[[nodiscard]] std::string JoinPath(const std::string& path, std::string_view key);

/// Collects what is wrong with one file, so that a person sees all of it at once. Bounded: of
/// very many problems, the first ones and the number of the others are kept.
class Problems {
 public:
  /// `file` is the name to print, as the person knows it.
  explicit Problems(std::string file);

  void Add(Position at, std::string_view path, std::string what, std::string suggestion = {});

  [[nodiscard]] bool Empty() const { return problems_.empty(); }
  [[nodiscard]] const std::string& File() const { return file_; }

  /// In the order of the file.
  [[nodiscard]] std::vector<Problem> Sorted() const;

  /// All of them as one error, one problem a line; for programs that refuse to start.
  [[nodiscard]] Error AsError() const;

 private:
  std::string file_;
  std::vector<Problem> problems_;
  std::size_t left_out_ = 0;
};

}  // namespace common::yaml

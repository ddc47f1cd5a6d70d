#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml/problem.h"

namespace common::yaml {

/// The first byte of a text that no YAML file may hold, and why.
struct ForbiddenByte {
  std::size_t offset = 0;
  std::string why;
};

/// yaml-cpp would take NUL bytes, guess at UTF-16 and pass broken UTF-8 on.
[[nodiscard]] std::optional<ForbiddenByte> FindForbiddenByte(std::string_view text);

/// Lines and columns of the byte offsets of one text.
class Lines {
 public:
  explicit Lines(std::string_view text);

  /// `offset` may be the end of the text.
  [[nodiscard]] Position At(std::size_t offset) const;

 private:
  std::vector<std::size_t> starts_;
  std::vector<std::size_t> continuations_;  ///< UTF-8's bytes that are no characters of their own.
};

}  // namespace common::yaml

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/fake_api/json.h"
#include "support/fake_api/kinds.h"

namespace tests {

/// A labelSelector and a fieldSelector, as far as equality and presence go.
class ApiSelector {
 public:
  /// Says what is wrong; nothing where all is well. Of a field selector: fields that the server
  /// cannot select by.
  [[nodiscard]] std::optional<std::string> Parse(std::string_view labels, std::string_view fields,
                                                 const ApiKind& kind);

  [[nodiscard]] bool Matches(const json::Object& object) const;

 private:
  struct Term {
    enum class Kind { kEqual, kNotEqual, kPresent, kAbsent };
    Kind kind;
    std::string key;
    std::string value;
    bool is_label;
  };

  [[nodiscard]] std::optional<std::string> Add(std::string_view text, bool is_label);

  std::vector<Term> terms_;
};

}  // namespace tests

#pragma once

#include <map>
#include <string>
#include <vector>

namespace scaler::policy {

using Labels = std::map<std::string, std::string>;

/// One of Kubernetes' matchExpressions.
struct LabelRequirement {
  enum class Operator {
    kIn,     ///< The label is there and has one of the values.
    kNotIn,  ///< The label is not there, or has none of the values.
    kExists,
    kDoesNotExist,
  };

  std::string key;
  Operator op = Operator::kIn;
  std::vector<std::string> values;

  [[nodiscard]] bool Matches(const Labels& labels) const;

  friend bool operator==(const LabelRequirement&, const LabelRequirement&) = default;
};

/// Kubernetes' label selector: all of it must hold. Never empty.
struct Selector {
  Labels match_labels;
  std::vector<LabelRequirement> match_expressions;

  [[nodiscard]] bool Matches(const Labels& labels) const;

  friend bool operator==(const Selector&, const Selector&) = default;
};

}  // namespace scaler::policy

#include "scaler/policy/selector.h"

#include <algorithm>

namespace scaler::policy {

bool LabelRequirement::Matches(const Labels& labels) const {
  const auto found = labels.find(key);
  const bool exists = found != labels.end();
  const bool listed =
      exists && std::find(values.begin(), values.end(), found->second) != values.end();
  switch (op) {
    case Operator::kIn:
      return listed;
    case Operator::kNotIn:
      return !listed;
    case Operator::kExists:
      return exists;
    case Operator::kDoesNotExist:
      return !exists;
  }
  return false;
}

bool Selector::Matches(const Labels& labels) const {
  const auto has = [&](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  };
  return std::all_of(match_labels.begin(), match_labels.end(), has) &&
         std::all_of(match_expressions.begin(), match_expressions.end(),
                     [&](const LabelRequirement& one) { return one.Matches(labels); });
}

}  // namespace scaler::policy

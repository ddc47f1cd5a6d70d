#include "scaler/policy/schema/text_patterns.h"

#include <algorithm>

namespace scaler::policy::schema {
namespace {

// Without look-ahead, which RE2 does not have.
constexpr const char* kNumber = "([0-9]+\\.?[0-9]*|\\.[0-9]+)";
constexpr const char* kPositive = "([0-9]*[1-9][0-9]*\\.?[0-9]*|[0-9]*\\.[0-9]*[1-9][0-9]*)";

}  // namespace

std::string PatternOf(const Type& type) {
  const std::string number = type.above_least ? kPositive : kNumber;
  switch (type.form) {
    case Form::kText:
      return type.pattern;
    case Form::kDuration:
      return std::string("^(0|(") + kNumber + "(ms|s|m|h))+)$";
    case Form::kQuantity:
      return std::string("^") + kPositive + "([mkMGTP]|[KMGTP]i)?$";
    case Form::kRate:
      return "^" + number + "/[smh]$";
    case Form::kShare:
      return "^" + number + "%$";
    default:
      return {};
  }
}

bool MayBeFalse(const Type& type) {
  return std::find(type.words.begin(), type.words.end(), "off") != type.words.end();
}

}  // namespace scaler::policy::schema

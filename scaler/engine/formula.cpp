#include "scaler/engine/formula.h"

#include <algorithm>
#include <utility>

namespace scaler::engine {
namespace {

constexpr std::size_t kDeepest = kLongestFormula / 16;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsInName(char c) { return IsLetter(c) || IsDigit(c) || c == '.' || c == '-'; }

/// Recursive descent; after the first problem everything is 0 and nothing more is read.
class Evaluation {
 public:
  Evaluation(std::string_view text, const NeedLookup& need) : text_(text), need_(need) {}

  FormulaResult Run() {
    if (text_.size() > kLongestFormula) {
      Problem("is longer than " + std::to_string(kLongestFormula) + " bytes");
      return std::move(result_);
    }
    result_.value = Sum();
    if (Good() && Next() != '\0') {
      Problem("expected +, -, * or / here");
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool Good() const { return result_.problem.empty(); }

  double Problem(std::string what) {
    if (Good()) {
      result_.at = std::min(at_, text_.size());
      result_.problem = std::move(what);
    }
    at_ = text_.size();
    return 0;
  }

  /// The next sign that is no space; 0 at the end.
  char Next() {
    while (at_ < text_.size() && text_[at_] == ' ') {
      ++at_;
    }
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool Take(char sign) {
    const bool there = Next() == sign;
    at_ += there ? 1 : 0;
    return there;
  }

  double Sum() {
    if (++depth_ > kDeepest) {
      return Problem("has too many parentheses within one another");
    }
    double sum = Product();
    while (Good()) {
      if (Take('+')) {
        sum += Product();
      } else if (Take('-')) {
        sum -= Product();
      } else {
        break;
      }
    }
    --depth_;
    return sum;
  }

  double Product() {
    double product = Operand();
    while (Good()) {
      if (Take('*')) {
        product *= Operand();
      } else if (Take('/')) {
        product /= Divisor();
      } else {
        break;
      }
    }
    return product;
  }

  /// A number: what somebody measured may be 0.
  double Divisor() {
    if (!IsDigit(Next())) {
      return Problem("can only be divided by a number");
    }
    const auto begin = at_;
    const double number = Number();
    if (Good() && number == 0) {
      at_ = begin;
      return Problem("cannot be divided by 0");
    }
    return number;
  }

  double Operand() {
    const char next = Next();
    if (IsDigit(next)) {
      return Number();
    }
    if (IsLetter(next)) {
      return NameOrFunction();
    }
    if (!Take('(')) {
      return Problem("expected a number, the name of a signal, min(, max( or ( here");
    }
    const double inside = Sum();
    return Take(')') ? inside : Problem("expected ) here");
  }

  /// Digits, and more of them behind a point.
  double Number() {
    double number = Digits().first;
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      const auto [digits, scale] = Digits();
      number += digits / scale;
    }
    return number;
  }

  /// What they are as a whole number, and ten to the power of how many they are.
  std::pair<double, double> Digits() {
    double number = 0;
    double scale = 1;
    for (; at_ < text_.size() && IsDigit(text_[at_]); ++at_) {
      number = number * 10 + (text_[at_] - '0');
      scale *= 10;
    }
    return {number, scale};
  }

  double NameOrFunction() {
    const auto begin = at_;
    while (at_ < text_.size() && IsInName(text_[at_])) {
      ++at_;
    }
    const auto name = text_.substr(begin, at_ - begin);
    if (Next() == '(') {
      return Function(name, begin);
    }
    const auto need = need_(name);
    if (!need) {
      at_ = begin;
      return Problem("there is no signal " + std::string(name));
    }
    return *need;
  }

  double Function(std::string_view name, std::size_t begin) {
    const bool is_max = name == "max";
    if (!is_max && name != "min") {
      at_ = begin;
      return Problem("there is no function " + std::string(name) + "; there are min and max");
    }
    (void)Take('(');
    double chosen = Sum();
    while (Good() && Take(',')) {
      const double other = Sum();
      chosen = is_max ? std::max(chosen, other) : std::min(chosen, other);
    }
    return Take(')') ? chosen : Problem("expected , or ) here");
  }

  std::string_view text_;
  const NeedLookup& need_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  FormulaResult result_;
};

}  // namespace

FormulaResult EvaluateFormula(std::string_view formula, const NeedLookup& need) {
  return Evaluation(formula, need).Run();
}

}  // namespace scaler::engine

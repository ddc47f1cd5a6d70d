#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace scaler::engine {

/// No formula is longer, in bytes; parentheses and functions nest at most a sixteenth as deep.
inline constexpr std::size_t kLongestFormula = 512;

/// How many replicas a name stands for; empty: there is no such name.
using NeedLookup = std::function<std::optional<double>(std::string_view name)>;

/// What a formula comes to, or why it comes to nothing.
struct FormulaResult {
  double value = 0;
  std::size_t at = 0;   ///< Of the problem: bytes from the beginning.
  std::string problem;  ///< In a few words; empty: `value` holds.
};

/// Evaluates a text like "max(requests, queue + 2)": numbers, names, + and -, * and / by a number
/// that is not 0, parentheses, min(...) and max(...). A name is made of letters, digits, '_', '.'
/// and '-', so that a minus wants a space before it.
///
/// Every part is evaluated: a problem does not depend on what the names stand for.
[[nodiscard]] FormulaResult EvaluateFormula(std::string_view formula, const NeedLookup& need);

}  // namespace scaler::engine

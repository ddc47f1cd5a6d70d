#pragma once

#include <cstddef>
#include <string>

#include "scaler/engine/decision.h"

namespace scaler::explain {

/// Why the number is what it is, in one sentence of a bounded length: the signal that asked for
/// most (or what a formula made of them), then the rules that made another number of it; of one
/// that is held what is missing. Depends on the decision alone: one and the same says the same
/// tomorrow.
[[nodiscard]] std::string Sentence(const engine::Decision& decision);

/// "scaled 2 -> 5", "would scale 2 -> 5 (dry run)", "held at 2", "kept 2".
[[nodiscard]] std::string Headline(const engine::Decision& decision);

/// The text, or its beginning and "..." where it is longer; never cuts a character of UTF-8.
[[nodiscard]] std::string Shorten(std::string text, std::size_t most);

}  // namespace scaler::explain

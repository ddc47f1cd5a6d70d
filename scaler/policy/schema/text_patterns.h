#pragma once

#include <string>

#include "scaler/policy/schema/description.h"

namespace scaler::policy::schema {

/// The pattern of the texts of a type; empty where any will do. Where the type wants more than 0,
/// so does the pattern; other bounds no pattern can have.
[[nodiscard]] std::string PatternOf(const Type& type);

/// Whether a word may come as `false`, see Type::words.
[[nodiscard]] bool MayBeFalse(const Type& type);

}  // namespace scaler::policy::schema

#pragma once

#include <optional>
#include <string_view>

#include "common/clock.h"

namespace common {

/// A time as RFC 3339 allows it: any fraction of a second (what is finer than a millisecond is
/// dropped), "Z" or an offset such as "+01:00". Nothing where the text is no such time.
[[nodiscard]] std::optional<WallTime> ParseRfc3339(std::string_view text);

}  // namespace common

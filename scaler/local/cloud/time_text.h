#pragma once

#include <string>

#include "common/clock.h"

namespace scaler::local::cloud {

/// UTC in the words of strftime, e.g. "%Y-%m-%dT%H:%M:%SZ". Whole seconds, rounded down.
[[nodiscard]] std::string FormatUtc(common::WallTime time, const char* format);

}  // namespace scaler::local::cloud

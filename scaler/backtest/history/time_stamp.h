#pragma once

#include <optional>
#include <string_view>

#include "scaler/backtest/world.h"

namespace scaler::backtest::history {

/// A time in UTC: "2026-01-31 08:00:00" (or with a T, a fraction, a Z behind), or seconds since
/// 1970. Of the years 1970 to 2199, to the millisecond.
[[nodiscard]] std::optional<Time> ParseTime(std::string_view text);

}  // namespace scaler::backtest::history

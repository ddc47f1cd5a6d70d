#pragma once

#include <string>
#include <vector>

#include "common/clock.h"

namespace scaler::ctl {

/// Rows of text as columns that line up; the first row is the header.
///
/// Widths count characters of UTF-8, not bytes. No blanks at the end of a line.
[[nodiscard]] std::string FormatTable(const std::vector<std::vector<std::string>>& rows);

/// An age as people say it: "4s", "3m12s", "2h5m", "3d4h".
[[nodiscard]] std::string FormatAge(double seconds);

/// "2026-11-21 13:00:12 +0100", in the machine's time zone.
[[nodiscard]] std::string LocalTime(common::WallTime time);

}  // namespace scaler::ctl

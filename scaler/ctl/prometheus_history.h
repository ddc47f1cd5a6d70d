#pragma once

#include <memory>
#include <string>

#include "common/prometheus/client.h"
#include "scaler/backtest/history/history.h"

namespace scaler::ctl {

/// Asks Prometheus for the history of a query that gives requests per second, page by page, as it
/// answers at most 11,000 points at once (fewer, where an answer would be too long). What is absent
/// or no number counts as none. A series is called by its label `tenant`, or by its only label, or
/// by all of them; those labels are the series'. At most kMostValues values; fails as
/// Client::QueryRange.
[[nodiscard]] common::Result<std::unique_ptr<backtest::history::History>> FetchHistory(
    const common::prometheus::Client& client, const std::string& query,
    const common::prometheus::Range& range, const std::string& series_pattern);

/// A time of --from or --to: "2026-01-31 08:00:00", seconds since 1970, or how long before `now`,
/// like 168h.
[[nodiscard]] common::Result<common::WallTime> ParseWhen(const std::string& text,
                                                         common::WallTime now);

}  // namespace scaler::ctl

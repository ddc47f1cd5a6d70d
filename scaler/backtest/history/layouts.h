#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "scaler/backtest/history/csv_file.h"
#include "scaler/backtest/history/history.h"

namespace scaler::backtest::history {

/// One for each layout of OpenCsv; `file` has read its header. Empty: it is not of this layout.
[[nodiscard]] std::unique_ptr<History> LongHistory(CsvFile& file, const Options& options);
[[nodiscard]] std::unique_ptr<History> SiteHistory(CsvFile& file, const Options& options);
[[nodiscard]] std::unique_ptr<History> RunHistory(CsvFile& file, const Options& options);
[[nodiscard]] common::Result<std::unique_ptr<History>> WideHistory(CsvFile& file,
                                                                   const Options& options);

/// The time in a field, or an error at its place.
[[nodiscard]] common::Result<Time> TimeOf(const CsvFile& file, const Field& field);

/// Gives the rows that are left to `take`, one after the other, until there is none or an error.
[[nodiscard]] common::Result<void> ForEachRow(
    CsvFile& file, const std::function<common::Result<void>(const std::vector<Field>&)>& take);

/// Requests per second from a value in a sample of `period`.
[[nodiscard]] double RateOf(double value, Duration period, const Options& options);

}  // namespace scaler::backtest::history

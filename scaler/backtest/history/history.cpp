#include "scaler/backtest/history/history.h"

#include <fnmatch.h>

#include <utility>

#include "common/text.h"
#include "scaler/backtest/history/layouts.h"
#include "scaler/backtest/history/time_stamp.h"

namespace scaler::backtest::history {

common::Result<std::unique_ptr<History>> OpenCsv(const std::filesystem::path& path,
                                                 const Options& options) {
  auto file = CsvFile::Open(path);
  if (!file) {
    return tl::make_unexpected(file.error());
  }
  for (const auto& layout : {LongHistory, SiteHistory, RunHistory}) {
    if (auto history = layout(*file, options)) {
      return history;
    }
  }
  return WideHistory(*file, options);
}

bool Matches(const std::string& pattern, const std::string& name) {
  return pattern.empty() || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

common::Result<Time> TimeOf(const CsvFile& file, const Field& field) {
  if (const auto time = ParseTime(field.text)) {
    return *time;
  }
  constexpr std::size_t kShown = 40;
  return tl::make_unexpected(file.At(
      field.column, "expected a time like 2026-01-31 08:00:00 or seconds since 1970, found " +
                        common::QuoteJson(field.text.substr(0, kShown))));
}

common::Result<void> ForEachRow(
    CsvFile& file, const std::function<common::Result<void>(const std::vector<Field>&)>& take) {
  std::vector<Field> row;
  while (true) {
    const auto more = file.Next(row);
    if (!more) {
      return tl::make_unexpected(more.error());
    }
    if (!*more) {
      return {};
    }
    if (auto taken = take(row); !taken) {
      return taken;
    }
  }
}

double RateOf(double value, Duration period, const Options& options) {
  return options.rates ? value : value / std::chrono::duration<double>(period).count();
}

}  // namespace scaler::backtest::history

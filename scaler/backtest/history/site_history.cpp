#include <utility>

#include "common/text.h"
#include "scaler/backtest/history/layouts.h"

namespace scaler::backtest::history {
namespace {

using common::Result;

constexpr const char* kSeries = "requests";

/// minute,requests: in order of time, absent minutes are 0.
class Site final : public History {
 public:
  Site(CsvFile file, Options options) : file_(std::move(file)), options_(std::move(options)) {}

  [[nodiscard]] double Progress() const override { return file_.Progress(); }

  [[nodiscard]] Result<std::optional<Series>> Next() override {
    if (read_ || !Matches(options_.series, kSeries)) {
      return std::nullopt;
    }
    read_ = true;
    Series series;
    series.name = kSeries;
    series.period = options_.period.value_or(std::chrono::minutes(1));
    const auto read =
        ForEachRow(file_, [&](const std::vector<Field>& row) { return Take(row, series); });
    if (!read) {
      return tl::make_unexpected(read.error());
    }
    return series.rates.empty() ? std::nullopt : std::optional(std::move(series));
  }

 private:
  Result<void> Take(const std::vector<Field>& row, Series& series) {
    const auto time = TimeOf(file_, row[0]);
    const auto amount = file_.Amount(row[1]);
    if (!time || !amount) {
      return tl::make_unexpected(!time ? time.error() : amount.error());
    }
    if (series.rates.empty()) {
      series.begin = *time;
    }
    const Duration since = *time - series.begin;
    if (since < series.Length() || since % series.period != Duration{}) {
      return tl::make_unexpected(file_.At(row[0].column, "expected times in order, a multiple of " +
                                                             common::FormatDuration(series.period) +
                                                             " apart"));
    }
    const auto at = static_cast<std::size_t>(since / series.period);
    if (at >= kMostValues) {
      return tl::make_unexpected(file_.At(row[0].column, "the history is too long"));
    }
    series.rates.resize(at, 0.0);
    series.rates.push_back(RateOf(*amount, series.period, options_));
    return {};
  }

  CsvFile file_;
  Options options_;
  bool read_ = false;
};

}  // namespace

std::unique_ptr<History> SiteHistory(CsvFile& file, const Options& options) {
  return file.Header() == std::vector<std::string>{"minute", "requests"}
             ? std::make_unique<Site>(std::move(file), options)
             : nullptr;
}

}  // namespace scaler::backtest::history

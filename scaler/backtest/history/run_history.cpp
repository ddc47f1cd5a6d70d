#include <set>
#include <utility>

#include "common/text.h"
#include "scaler/backtest/history/layouts.h"

namespace scaler::backtest::history {
namespace {

using common::Result;

/// series,timestamp,value: the rows of a series together, in order of time. The period is the
/// first distance; where the clock jumps (summer time, lost samples) the rows still follow one
/// another.
class Runs final : public History {
 public:
  Runs(CsvFile file, Options options) : file_(std::move(file)), options_(std::move(options)) {}

  [[nodiscard]] double Progress() const override { return file_.Progress(); }

  [[nodiscard]] Result<std::optional<Series>> Next() override {
    while (true) {
      auto series = ReadRun();
      if (!series || !*series || Matches(options_.series, (*series)->name)) {
        return series;
      }
    }
  }

 private:
  /// The next series, whatever its name. The row that ends it is the first of the one after.
  Result<std::optional<Series>> ReadRun() {
    if (!begun_ && !over_) {
      if (const auto moved = Move(); !moved) {
        return tl::make_unexpected(moved.error());
      }
      begun_ = true;
    }
    if (over_) {
      return std::nullopt;
    }
    Series series;
    series.name = std::string(row_[0].text);
    if (!seen_.insert(series.name).second) {
      return tl::make_unexpected(
          file_.At(row_[0].column, "the rows of " + common::QuoteJson(series.name) +
                                       " are not together; see the layout time,series,value"));
    }
    series.labels = {{"series", series.name}};
    series.period = options_.period.value_or(Duration{});
    Time last{};
    while (!over_ && row_[0].text == series.name) {
      auto taken = Take(series, last).and_then([this] { return Move(); });
      if (!taken) {
        return tl::make_unexpected(taken.error());
      }
    }
    if (series.period <= Duration{}) {
      return tl::make_unexpected(
          file_.At(1, "a series of one row shows no period; give one with --period"));
    }
    for (auto& rate : series.rates) {
      rate = RateOf(rate, series.period, options_);
    }
    return series;
  }

  Result<void> Take(Series& series, Time& last) {
    const auto time = TimeOf(file_, row_[1]);
    const auto amount = file_.Amount(row_[2]);
    if (!time || !amount) {
      return tl::make_unexpected(!time ? time.error() : amount.error());
    }
    if (series.rates.empty()) {
      series.begin = *time;
    } else if (*time <= last) {
      return tl::make_unexpected(file_.At(row_[1].column, "expected times in order"));
    } else if (series.period == Duration{}) {
      series.period = *time - last;
    }
    if (series.rates.size() >= kMostValues) {
      return tl::make_unexpected(file_.At(1, "the history is too long"));
    }
    last = *time;
    series.rates.push_back(*amount);
    return {};
  }

  Result<void> Move() {
    return file_.Next(row_).map([this](bool more) { over_ = !more; });
  }

  CsvFile file_;
  Options options_;
  std::vector<Field> row_;
  bool begun_ = false;
  bool over_ = false;
  std::set<std::string> seen_;
};

}  // namespace

std::unique_ptr<History> RunHistory(CsvFile& file, const Options& options) {
  return file.Header() == std::vector<std::string>{"series", "timestamp", "value"}
             ? std::make_unique<Runs>(std::move(file), options)
             : nullptr;
}

}  // namespace scaler::backtest::history

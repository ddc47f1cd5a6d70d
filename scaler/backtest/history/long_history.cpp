#include <algorithm>
#include <map>
#include <utility>

#include "common/text.h"
#include "scaler/backtest/history/layouts.h"

namespace scaler::backtest::history {
namespace {

using common::Result;

/// time,series,value: rows in any order. All series begin and end together, with the first and the
/// last time of the file; what is absent is 0.
class Long final : public History {
 public:
  Long(CsvFile file, Options options)
      : file_(std::move(file)),
        options_(std::move(options)),
        period_(options_.period.value_or(Duration{})) {}

  [[nodiscard]] double Progress() const override { return read_ ? 1 : file_.Progress(); }

  [[nodiscard]] Result<std::optional<Series>> Next() override {
    if (!read_) {
      read_ = true;
      if (const auto all = ReadAll(); !all) {
        return tl::make_unexpected(all.error());
      }
    }
    if (samples_.empty()) {
      return std::nullopt;
    }
    const auto first = samples_.begin();
    auto series = Made(first->first, first->second);
    samples_.erase(first);
    return series;
  }

 private:
  struct Sample {
    Time at{};
    double value = 0;
    std::size_t line = 0;
  };

  Result<void> ReadAll() {
    const auto read =
        ForEachRow(file_, [this](const std::vector<Field>& row) { return Take(row); });
    if (!read) {
      return read;
    }
    if (!samples_.empty() && period_ <= Duration{}) {
      return tl::make_unexpected(
          file_.At(1, "all times are the same, which shows no period; give one with --period"));
    }
    return {};
  }

  Result<void> Take(const std::vector<Field>& row) {
    const auto time = TimeOf(file_, row[0]);
    const auto amount = file_.Amount(row[2]);
    if (!time || !amount) {
      return tl::make_unexpected(!time ? time.error() : amount.error());
    }
    const std::string name(row[1].text);
    if (name.empty()) {
      return tl::make_unexpected(file_.At(row[1].column, "a series needs a name"));
    }
    if (const auto on_grid = Place(*time, row[0]); !on_grid) {
      return on_grid;
    }
    if (!Matches(options_.series, name)) {
      return {};
    }
    if (++values_ > kMostValues) {
      return tl::make_unexpected(file_.At(1, "there are too many values for one history"));
    }
    samples_[name].push_back({*time, *amount, file_.Line()});
    return {};
  }

  /// The period is the distance of the first two times that differ.
  Result<void> Place(Time time, const Field& field) {
    if (!first_) {
      first_ = time;
      from_ = until_ = time;
    }
    if (period_ <= Duration{} && time != *first_) {
      period_ = std::chrono::abs(time - *first_);
    }
    if (period_ > Duration{} && (time - *first_) % period_ != Duration{}) {
      return tl::make_unexpected(file_.At(
          field.column, "expected a multiple of " + common::FormatDuration(period_) +
                            " after the first time; another period can be given with --period"));
    }
    from_ = std::min(from_, time);
    until_ = std::max(until_, time);
    if (period_ > Duration{} &&
        static_cast<std::size_t>((until_ - from_) / period_) >= kMostValues) {
      return tl::make_unexpected(file_.At(field.column, "the history is too long"));
    }
    return {};
  }

  Result<std::optional<Series>> Made(const std::string& name, std::vector<Sample>& samples) {
    Series series;
    series.name = name;
    series.labels = {{"series", name}};
    series.begin = from_;
    series.period = period_;
    series.rates.assign(static_cast<std::size_t>((until_ - from_) / period_) + 1, 0.0);
    std::stable_sort(samples.begin(), samples.end(),
                     [](const Sample& left, const Sample& right) { return left.at < right.at; });
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (i > 0 && samples[i].at == samples[i - 1].at) {
        return tl::make_unexpected(file_.AtLine(samples[i].line, 1,
                                                common::QuoteJson(name) +
                                                    " has a value for this time already, in line " +
                                                    std::to_string(samples[i - 1].line)));
      }
      series.rates[static_cast<std::size_t>((samples[i].at - from_) / period_)] =
          RateOf(samples[i].value, period_, options_);
    }
    return series;
  }

  CsvFile file_;
  Options options_;
  Duration period_;
  bool read_ = false;
  std::size_t values_ = 0;
  std::optional<Time> first_;
  Time from_{};
  Time until_{};
  std::map<std::string, std::vector<Sample>> samples_;
};

}  // namespace

std::unique_ptr<History> LongHistory(CsvFile& file, const Options& options) {
  return file.Header() == std::vector<std::string>{"time", "series", "value"}
             ? std::make_unique<Long>(std::move(file), options)
             : nullptr;
}

}  // namespace scaler::backtest::history

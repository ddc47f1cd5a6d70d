#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "common/text.h"
#include "scaler/backtest/history/layouts.h"

namespace scaler::backtest::history {
namespace {

using common::Result;

/// The day of such a history is not known: the first Monday of 2000, in UTC.
constexpr Time kSomeMonday{std::chrono::sys_days(std::chrono::year(2000) / 1 / 3)};

/// The number of the minute of a column, "m1" being the first of the day; empty: it is none.
std::optional<std::uint64_t> MinuteOf(const std::string& column) {
  constexpr std::uint64_t kMostMinutes = kMostValues;
  if (column.size() < 2 || column.front() != 'm') {
    return std::nullopt;
  }
  const auto minute = common::ParseUnsigned(std::string_view(column).substr(1));
  return minute && *minute >= 1 && *minute <= kMostMinutes ? minute : std::nullopt;
}

/// label,...,m1,m2,...: a row for each series.
class Wide final : public History {
 public:
  Wide(CsvFile file, Options options, std::size_t labels, std::uint64_t first_minute)
      : file_(std::move(file)), options_(std::move(options)), labels_(labels) {
    const auto& header = file_.Header();
    const auto end = header.begin() + static_cast<std::ptrdiff_t>(labels);
    // What the series is called, where there are more labels.
    for (const char* name : {"series", "tenant", "function"}) {
      const auto found = std::find(header.begin(), end, name);
      if (found != end) {
        name_ = static_cast<std::size_t>(found - header.begin());
        break;
      }
    }
    period_ = options_.period.value_or(std::chrono::minutes(1));
    begin_ = kSomeMonday + period_ * static_cast<long>(first_minute - 1);
  }

  [[nodiscard]] double Progress() const override { return file_.Progress(); }

  [[nodiscard]] Result<std::optional<Series>> Next() override {
    while (true) {
      const auto more = file_.Next(row_);
      if (!more) {
        return tl::make_unexpected(more.error());
      }
      if (!*more) {
        return std::nullopt;
      }
      const std::string name(row_[name_].text);
      if (name.empty()) {
        return tl::make_unexpected(file_.At(row_[name_].column, "a series needs a name"));
      }
      if (!seen_.insert(name).second) {
        return tl::make_unexpected(
            file_.At(row_[name_].column, "there is a row for this series already"));
      }
      if (Matches(options_.series, name)) {
        return Made(name);
      }
    }
  }

 private:
  Result<std::optional<Series>> Made(const std::string& name) {
    Series series;
    series.name = name;
    series.begin = begin_;
    series.period = period_;
    for (std::size_t i = 0; i < labels_; ++i) {
      series.labels.emplace(file_.Header()[i], std::string(row_[i].text));
    }
    series.rates.reserve(row_.size() - labels_);
    for (std::size_t i = labels_; i < row_.size(); ++i) {
      const auto amount = file_.Amount(row_[i]);
      if (!amount) {
        return tl::make_unexpected(amount.error());
      }
      series.rates.push_back(RateOf(*amount, period_, options_));
    }
    return series;
  }

  CsvFile file_;
  Options options_;
  std::size_t labels_;
  std::size_t name_ = 0;
  Duration period_{};
  Time begin_{};
  std::vector<Field> row_;
  std::set<std::string> seen_;
};

}  // namespace

Result<std::unique_ptr<History>> WideHistory(CsvFile& file, const Options& options) {
  const auto& header = file.Header();
  const auto first = std::find_if(header.begin(), header.end(),
                                  [](const auto& column) { return MinuteOf(column).has_value(); });
  if (first == header.begin() || first == header.end()) {
    return tl::make_unexpected(
        file.At(1,
                "the header is of no layout that is known: time,series,value; "
                "minute,requests; series,timestamp,value; or labels and m1,m2,..."));
  }
  const auto first_minute = *MinuteOf(*first);
  for (auto column = first; column != header.end(); ++column) {
    const auto expected = first_minute + static_cast<std::uint64_t>(column - first);
    if (MinuteOf(*column) != expected) {
      return tl::make_unexpected(file.At(
          1, fmt::format("expected the columns m{}, m{} and so on without a gap, found {} for m{}",
                         first_minute, first_minute + 1, common::QuoteJson(*column), expected)));
    }
  }
  const auto labels = static_cast<std::size_t>(first - header.begin());
  return std::make_unique<Wide>(std::move(file), options, labels, first_minute);
}

}  // namespace scaler::backtest::history

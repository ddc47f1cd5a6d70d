#include "scaler/ctl/prometheus_history.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "common/text.h"
#include "scaler/backtest/history/time_stamp.h"

namespace scaler::ctl {
namespace {

using backtest::Series;
using backtest::history::History;
using common::Fail;
using common::Result;
using common::prometheus::Labels;
using common::prometheus::Range;
using common::prometheus::RangeSeries;

/// Fewer points at once are no page, but a sign that the query gives far too many series.
constexpr int kFewestPoints = 10;

std::string NameOf(const Labels& labels) {
  if (const auto tenant = labels.find("tenant"); tenant != labels.end()) {
    return tenant->second;
  }
  if (labels.size() == 1) {
    return labels.begin()->second;
  }
  std::string name;
  for (const auto& [key, value] : labels) {
    name += (name.empty() ? "{" : ",") + key + "=" + common::QuoteJson(value);
  }
  return name.empty() ? "demand" : name + "}";
}

class Fetched final : public History {
 public:
  explicit Fetched(std::vector<Series> series) : series_(std::move(series)) {}

  [[nodiscard]] double Progress() const override {
    return series_.empty() ? 1 : static_cast<double>(next_) / static_cast<double>(series_.size());
  }

  [[nodiscard]] Result<std::optional<Series>> Next() override {
    if (next_ == series_.size()) {
      return std::nullopt;
    }
    return std::move(series_[next_++]);
  }

 private:
  std::vector<Series> series_;
  std::size_t next_ = 0;
};

/// Puts pages together.
class Pages {
 public:
  explicit Pages(const Range& range)
      : range_(range),
        points_(static_cast<std::size_t>((range.to - range.from) / range.step) + 1) {}

  [[nodiscard]] std::size_t Points() const { return points_; }

  Result<void> Take(std::vector<RangeSeries> page) {
    for (auto& one : page) {
      auto& rates = rates_[std::move(one.labels)];
      if (rates.empty()) {
        if (points_ * rates_.size() > backtest::history::kMostValues) {
          return Fail(std::errc::invalid_argument,
                      "the history is too long: ask for fewer series, a shorter time or a longer "
                      "--period");
        }
        rates.assign(points_, 0.0);
      }
      for (const auto& [at, value] : one.points) {
        const auto index = static_cast<std::size_t>((at - range_.from) / range_.step);
        if (at >= range_.from && index < points_ && std::isfinite(value)) {
          rates[index] = std::max(0.0, value);
        }
      }
    }
    return {};
  }

  [[nodiscard]] std::vector<Series> Made(const std::string& pattern) {
    std::map<std::string, int> uses;
    for (const auto& [labels, rates] : rates_) {
      ++uses[NameOf(labels)];
    }
    std::vector<Series> all;
    for (auto& [labels, rates] : rates_) {
      Series series;
      series.name = NameOf(labels);
      if (uses[series.name] > 1) {
        series.name += "#" + std::to_string(all.size() + 1);
      }
      if (!backtest::history::Matches(pattern, series.name)) {
        continue;
      }
      series.labels = labels;
      series.begin = range_.from;
      series.period = range_.step;
      series.rates = std::move(rates);
      all.push_back(std::move(series));
    }
    return all;
  }

 private:
  Range range_;
  std::size_t points_;
  std::map<Labels, std::vector<double>> rates_;
};

}  // namespace

Result<std::unique_ptr<History>> FetchHistory(const common::prometheus::Client& client,
                                              const std::string& query, const Range& range,
                                              const std::string& series_pattern) {
  if (range.step <= std::chrono::milliseconds(0) || range.to < range.from) {
    return Fail(std::errc::invalid_argument, "--from has to be before --to");
  }
  Pages pages(range);
  int most = common::prometheus::kMostPointsOfRange;
  for (std::size_t from = 0; from < pages.Points();) {
    const auto count = std::min(pages.Points() - from, static_cast<std::size_t>(most));
    const auto begin = range.from + range.step * static_cast<long>(from);
    auto page = client.QueryRange(
        query, {begin, begin + range.step * static_cast<long>(count - 1), range.step});
    if (!page && page.error().code == std::errc::message_size && most / 2 >= kFewestPoints) {
      most /= 2;
      continue;
    }
    const auto taken =
        std::move(page).and_then([&](std::vector<RangeSeries> some) { return pages.Take(some); });
    if (!taken) {
      return tl::make_unexpected(taken.error());
    }
    from += count;
  }
  return std::make_unique<Fetched>(pages.Made(series_pattern));
}

Result<common::WallTime> ParseWhen(const std::string& text, common::WallTime now) {
  if (const auto time = backtest::history::ParseTime(text)) {
    return *time;
  }
  if (const auto before = common::ParseDuration(text)) {
    return now - *before;
  }
  return Fail(std::errc::invalid_argument,
              "'" + text +
                  "' is no time; write 2026-01-31 08:00:00, seconds since 1970, or how "
                  "long ago, like 168h");
}

}  // namespace scaler::ctl

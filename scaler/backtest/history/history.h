#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "common/result.h"
#include "scaler/backtest/series.h"

namespace scaler::backtest::history {

struct Options {
  /// A shell's pattern of the series' names; others are passed over. Empty: all.
  std::string series;
  /// Of each sample; empty: as the file shows.
  std::optional<Duration> period;
  /// The numbers are requests per second; otherwise requests counted in the sample's period.
  bool rates = false;
};

/// Gives demand by the series. Used from one thread.
class History {
 public:
  History() = default;
  History(const History&) = delete;
  History& operator=(const History&) = delete;
  virtual ~History() = default;

  /// The next series whose name matches; empty: there are no more. An error is final and says
  /// where: "file:line:col: what".
  [[nodiscard]] virtual common::Result<std::optional<Series>> Next() = 0;

  /// How much of it has been read, from 0 to 1.
  [[nodiscard]] virtual double Progress() const = 0;
};

/// More values than this are not held at once: a file that needs it is refused.
inline constexpr std::size_t kMostValues = 25'000'000;

/// Opens a CSV file, gzipped or not. Its header says which layout it has:
///
///   time,series,value        our own; rows in any order, a period apart, none is 0 requests
///   minute,requests          one site; absent minutes are 0 requests
///   tenant,m1,m2,...         a row for each series, a column for each minute of a day; further
///                            columns before the first m are labels (owner,app,function,trigger)
///   series,timestamp,value   runs of rows for each series; jumps of the time are closed up
///
/// All but the first hold one series at a time, however many there are; of our own layout all
/// values are held, at most kMostValues.
[[nodiscard]] common::Result<std::unique_ptr<History>> OpenCsv(const std::filesystem::path& path,
                                                               const Options& options);

/// Whether the name is one that the pattern means; an empty pattern means all.
[[nodiscard]] bool Matches(const std::string& pattern, const std::string& name);

}  // namespace scaler::backtest::history

#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "common/clock.h"
#include "common/signal/frame.h"

namespace scaler::signals {

/// How long the requests of about the last half minute took, from cumulative counts.
///
/// Pure: the time of each reading is an argument and must not go back.
class LatencyWindow {
 public:
  /// Counts that fell begin anew.
  void Add(common::MonotonicTime now, const common::signal::LatencyCounts& total);

  /// The requests of the window by bucket; empty before the second reading.
  [[nodiscard]] std::optional<common::signal::LatencyCounts> Counts() const;

 private:
  struct Reading {
    common::MonotonicTime at;
    common::signal::LatencyCounts total;
  };

  std::vector<Reading> readings_;  ///< Some seconds apart, but for the last; so they are few.
};

/// What `quantile` of the requests kept to, in seconds: on the straight line within its bucket, as
/// Prometheus' histogram_quantile; above every bound, the largest one. Empty where there were none.
[[nodiscard]] std::optional<double> QuantileOf(const common::signal::LatencyCounts& counts,
                                               double quantile);

}  // namespace scaler::signals

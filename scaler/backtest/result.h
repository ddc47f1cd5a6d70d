#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "scaler/backtest/world.h"

namespace scaler::backtest {

/// What a run came to.
struct Totals {
  double pod_hours = 0;   ///< From the start of a pod on a node to its end.
  double node_hours = 0;  ///< From the order of a node to its end.
  double requests = 0;
  double excess = 0;           ///< Requests above what the ready replicas carry.
  double cold_requests = 0;    ///< Of these, those that came while no replica was ready.
  std::int64_t actions = 0;    ///< Changes of the number of replicas.
  std::int64_t reversals = 0;  ///< Changes up after one down, or down after one up.

  Totals& operator+=(const Totals& other);

  [[nodiscard]] double ExcessShare() const { return requests > 0 ? excess / requests : 0; }

  friend bool operator==(const Totals&, const Totals&) = default;
};

/// The minute with the most requests in excess.
struct WorstMinute {
  Time at{};
  std::string series;
  double requests = 0;
  double excess = 0;

  friend bool operator==(const WorstMinute&, const WorstMinute&) = default;
};

/// What one rule came to with one series.
struct SeriesResult {
  Totals total;
  std::array<Totals, 2> halves;  ///< Of the time.
  WorstMinute worst;

  /// Adds another series: totals add up, the worse minute stays.
  SeriesResult& operator+=(const SeriesResult& other);

  friend bool operator==(const SeriesResult&, const SeriesResult&) = default;
};

}  // namespace scaler::backtest

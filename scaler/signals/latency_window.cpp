#include "scaler/signals/latency_window.h"

#include <algorithm>
#include <numeric>

namespace scaler::signals {
namespace {

using common::signal::kLatencyBoundsSeconds;
using common::signal::LatencyCounts;

/// Long enough for a p99 of a few requests per second.
constexpr std::chrono::seconds kWindow(30);
/// Readings are kept so far apart: thousands of tenants have some.
constexpr std::chrono::seconds kApart(5);

}  // namespace

void LatencyWindow::Add(common::MonotonicTime now, const LatencyCounts& total) {
  const bool fell =
      !readings_.empty() && !std::equal(total.begin(), total.end(), readings_.back().total.begin(),
                                        [](auto later, auto earlier) { return later >= earlier; });
  if (fell) {
    readings_.clear();
  }
  // The last one moves on until it is far enough from the one before it.
  const auto count = readings_.size();
  if (count >= 2 && readings_[count - 1].at - readings_[count - 2].at < kApart) {
    readings_.back() = {now, total};
  } else {
    readings_.push_back({now, total});
  }
  while (readings_.size() > 2 && readings_[1].at <= now - kWindow) {
    readings_.erase(readings_.begin());
  }
}

std::optional<LatencyCounts> LatencyWindow::Counts() const {
  if (readings_.size() < 2) {
    return std::nullopt;
  }
  LatencyCounts counts{};
  for (std::size_t bucket = 0; bucket < counts.size(); ++bucket) {
    counts[bucket] = readings_.back().total[bucket] - readings_.front().total[bucket];
  }
  return counts;
}

std::optional<double> QuantileOf(const LatencyCounts& counts, double quantile) {
  const auto all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (all == 0) {
    return std::nullopt;
  }
  const double rank = quantile * static_cast<double>(all);
  double below = 0;
  for (std::size_t bucket = 0; bucket < kLatencyBoundsSeconds.size(); ++bucket) {
    const auto count = static_cast<double>(counts[bucket]);
    if (count > 0 && below + count >= rank) {
      const double from = bucket == 0 ? 0 : kLatencyBoundsSeconds[bucket - 1];
      const double along = std::clamp((rank - below) / count, 0.0, 1.0);
      return from + (kLatencyBoundsSeconds[bucket] - from) * along;
    }
    below += count;
  }
  return kLatencyBoundsSeconds.back();
}

}  // namespace scaler::signals

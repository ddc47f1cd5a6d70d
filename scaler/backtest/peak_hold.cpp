#include "scaler/backtest/peak_hold.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace scaler::backtest {

std::string NameOf(const PeakHoldOptions& options) {
  return fmt::format("{:.4g}x {}s", options.factor,
                     std::chrono::duration_cast<std::chrono::seconds>(options.hold).count());
}

std::vector<PeakHoldOptions> PeakHoldSweep(int min) {
  std::vector<PeakHoldOptions> sweep;
  for (const double factor : {1.0, 1.05, 1.1, 1.2, 1.3, 1.5}) {
    for (const int hold : {0, 60, 180, 300, 600, 1200, 2400}) {
      sweep.push_back({.factor = factor, .hold = std::chrono::seconds(hold), .min = min});
    }
  }
  return sweep;
}

PeakHoldRule::PeakHoldRule(const World& world, const PeakHoldOptions& options)
    : world_(world), options_(options), window_(std::max(options.hold, world.step)) {}

int PeakHoldRule::Need(double rate) const {
  const double need = std::ceil(options_.factor * rate / world_.capacity_per_replica - 1e-9);
  return std::max(options_.min, static_cast<int>(need));
}

Answer PeakHoldRule::Decide(const Look& look) {
  if (!peaks_.empty()) {
    // Whoever was not asked meanwhile would have seen the same until a step ago.
    peaks_.back().first = std::max(peaks_.back().first, look.now - world_.step);
  }
  while (!peaks_.empty() && peaks_.back().second <= look.rate) {
    peaks_.pop_back();
  }
  peaks_.emplace_back(look.now, look.rate);
  while (peaks_.front().first <= look.now - window_) {
    peaks_.pop_front();
  }
  // The same demand is seen again until then, and nothing higher is forgotten.
  const bool highest_now = peaks_.size() == 1;
  return {Need(peaks_.front().second), highest_now ? Time::max() : peaks_.front().first + window_};
}

}  // namespace scaler::backtest

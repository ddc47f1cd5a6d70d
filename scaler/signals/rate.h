#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/clock.h"

namespace scaler::signals {

/// Turns a cumulative counter into a rate over a sliding window.
///
/// Pure: the time of each reading is an argument and must not go back.
template <typename Number>
class Rate {
 public:
  explicit Rate(std::chrono::milliseconds window) : window_(window) {}

  /// A reading of the counter. One that fell begins anew, without a rate across the fall.
  void Add(common::MonotonicTime now, Number total) {
    if (!readings_.empty() && total < readings_.back().total) {
      readings_.clear();
    }
    readings_.push_back({now, total});
    // One reading at or before the window's beginning stays, so that the window is always whole.
    while (readings_.size() > 2 && readings_[1].at <= now - window_) {
      readings_.erase(readings_.begin());
    }
  }

  /// Forgets the past: the counter is another one now.
  void Reset() { readings_.clear(); }

  /// Per second over the window that ended at the last reading. Nothing until half a window has
  /// been seen: over a shorter time a single event would look like a burst.
  [[nodiscard]] std::optional<double> PerSecond() const {
    if (readings_.empty()) {
      return std::nullopt;
    }
    const std::chrono::duration<double> elapsed = readings_.back().at - readings_.front().at;
    const auto grown = static_cast<double>(readings_.back().total - readings_.front().total);
    return elapsed >= window_ / 2 ? std::optional(grown / elapsed.count()) : std::nullopt;
  }

  [[nodiscard]] bool Empty() const { return readings_.empty(); }

 private:
  struct Reading {
    common::MonotonicTime at;
    Number total;
  };

  std::chrono::milliseconds window_;
  std::vector<Reading> readings_;  ///< Few: a deque would take half a KiB for each of thousands.
};

}  // namespace scaler::signals

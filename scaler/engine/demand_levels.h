#pragma once

#include <optional>
#include <vector>

#include "scaler/engine/policy.h"

namespace scaler::engine {

/// The last time at which demand was as high as this.
struct DemandLevel {
  Time at{};
  double demand = 0;  ///< Requests per second.

  friend bool operator==(const DemandLevel&, const DemandLevel&) = default;
};

/// When demand was last how high: times rising, demands falling.
using DemandLevels = std::vector<DemandLevel>;

/// So many levels are kept; of more, the two that lie closest together become one.
inline constexpr std::size_t kMostDemandLevels = 12;

/// Remembers that demand was `demand` at `at`, which is not before what is known already.
void RememberDemand(Time at, double demand, DemandLevels& levels);

/// The highest demand since then, as far as is remembered; 0 where there was none.
[[nodiscard]] double HighestSince(Time since, const DemandLevels& levels);

/// Walks up the levels: when demand was last at least so high. The questions of one walk rise.
class LevelWalk {
 public:
  explicit LevelWalk(const DemandLevels& levels) : next_(levels.rbegin()), end_(levels.rend()) {}

  /// Empty: never, as far as is remembered.
  [[nodiscard]] std::optional<Time> LastAtLeast(double demand) {
    while (next_ != end_ && next_->demand < demand) {
      ++next_;
    }
    return next_ == end_ ? std::nullopt : std::optional<Time>(next_->at);
  }

 private:
  DemandLevels::const_reverse_iterator next_;
  DemandLevels::const_reverse_iterator end_;
};

}  // namespace scaler::engine

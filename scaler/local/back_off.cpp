#include "scaler/local/back_off.h"

#include <algorithm>

namespace scaler::local {

std::chrono::milliseconds BackOff::Next(std::chrono::milliseconds ran_for) {
  const bool stable = ran_for >= 10 * std::max(last_, spec_.initial_back_off);
  const bool first = last_ == std::chrono::milliseconds::zero();
  last_ = stable || first ? spec_.initial_back_off
                          : std::clamp(2 * last_, spec_.initial_back_off, spec_.max_back_off);
  return last_;
}

}  // namespace scaler::local

#include "scaler/fleet/status.h"

#include <algorithm>

namespace scaler::fleet {

const std::vector<double>& DrainTimes::Bounds() {
  static const std::vector<double> bounds = {1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800};
  return bounds;
}

void DrainTimes::Observe(double seconds) {
  const auto& bounds = Bounds();
  counts.resize(bounds.size() + 1);
  const auto at = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
  ++counts[static_cast<std::size_t>(at)];
  sum += seconds;
}

}  // namespace scaler::fleet

#include "scaler/web/spot_share.h"

#include <algorithm>

namespace scaler::web {

double SpotShareOf(const fleet::FleetStatus& status) {
  int spot = 0;
  int dedicated = 0;
  for (const auto& node : status.observation->nodes) {
    if (node.ready) {
      ++(node.type == engine::capacity::CapacityType::kSpot ? spot : dedicated);
    }
  }
  const auto& plan = *status.decision->spot;
  const int may = spot + std::max(0, dedicated - plan.must_be_dedicated);
  return may > 0 ? static_cast<double>(spot) / may : 0;
}

}  // namespace scaler::web

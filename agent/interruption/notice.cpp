#include "agent/interruption/notice.h"

#include <algorithm>

namespace agent::interruption {

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kSpot:
      return "spot";
    case Kind::kRebalance:
      return "rebalance";
    case Kind::kMaintenance:
      break;
  }
  return "maintenance";
}

Notices Fold(const Notices& before, const std::vector<Sighting>& seen, common::WallTime now) {
  Notices notices;
  for (const auto kind : {Kind::kSpot, Kind::kRebalance, Kind::kMaintenance}) {
    std::optional<common::WallTime> first;
    for (const auto& sighting : seen) {
      if (sighting.kind != kind) {
        continue;
      }
      const auto known = std::find_if(before.begin(), before.end(),
                                      [&](const Notice& notice) { return notice.kind == kind; });
      const auto guess = known != before.end() ? known->at : now + sighting.usual_notice;
      const auto at = sighting.at.value_or(guess);
      first = first ? std::min(*first, at) : at;
    }
    if (first) {
      notices.push_back({kind, *first});
    }
  }
  return notices;
}

}  // namespace agent::interruption

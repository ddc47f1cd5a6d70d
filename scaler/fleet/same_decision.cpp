#include "scaler/fleet/same_decision.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace scaler::fleet {

namespace capacity = engine::capacity;
using capacity::CapacityDecision;

bool SameDecision(const CapacityDecision& left, const CapacityDecision& right) {
  const auto adds = [](const capacity::Action& action) {
    return action.kind == capacity::Action::Kind::kAdd;
  };
  const auto same_limit = [](const auto& a, const auto& b) {
    return std::tie(a.limit, a.pool, a.zone) == std::tie(b.limit, b.pool, b.zone);
  };
  const auto same_spare = [](const auto& a, const auto& b) {
    return std::tie(a.holds, a.on_its_way) == std::tie(b.holds, b.on_its_way);
  };
  const auto same_gap = [](const auto& a, const auto& b) { return a.what == b.what; };
  const auto targets = [](const CapacityDecision& decision) {
    return decision.spot ? std::pair(decision.spot->dedicated_target, decision.spot->stand_ins)
                         : std::pair(-1, -1);
  };
  return std::none_of(right.actions.begin(), right.actions.end(), adds) &&
         left.actions == right.actions && left.waiting == right.waiting &&
         left.placeholders == right.placeholders && targets(left) == targets(right) &&
         std::equal(left.clamps.begin(), left.clamps.end(), right.clamps.begin(),
                    right.clamps.end(), same_limit) &&
         std::equal(left.spare.begin(), left.spare.end(), right.spare.begin(), right.spare.end(),
                    same_spare) &&
         std::equal(left.left_out.begin(), left.left_out.end(), right.left_out.begin(),
                    right.left_out.end(), same_gap);
}

}  // namespace scaler::fleet

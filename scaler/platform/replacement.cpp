#include "scaler/platform/replacement.h"

#include <algorithm>

namespace scaler::platform {
namespace {

/// The least worth first, then the last in the list.
void SortByWorth(std::vector<std::size_t>& indices, const std::vector<Standing>& replicas) {
  std::sort(indices.begin(), indices.end(), [&](std::size_t left, std::size_t right) {
    return replicas[left].worth != replicas[right].worth
               ? replicas[left].worth < replicas[right].worth
               : left > right;
  });
}

}  // namespace

Replacement PlanReplacement(int wanted, const std::vector<Standing>& replicas) {
  Replacement plan;
  std::vector<std::size_t> settled;
  std::vector<std::size_t> moving;
  int ready = 0;
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    const auto& replica = replicas[i];
    if (replica.leaving) {
      continue;
    }
    if (replica.moves && replica.due) {
      plan.leave.push_back(i);
      continue;
    }
    (replica.moves ? moving : settled).push_back(i);
    ready += replica.ready ? 1 : 0;
  }
  SortByWorth(settled, replicas);
  SortByWorth(moving, replicas);
  const int surplus = static_cast<int>(settled.size()) - wanted;
  plan.start = std::max(0, -surplus);
  for (int i = 0; i < surplus; ++i) {
    const auto index = settled[static_cast<std::size_t>(i)];
    plan.leave.push_back(index);
    ready -= replicas[index].ready ? 1 : 0;
  }
  int all = std::min(static_cast<int>(settled.size()), wanted) + static_cast<int>(moving.size());
  for (const auto index : moving) {
    if (all <= wanted) {
      break;
    }
    --all;
    plan.replaced.push_back(index);
    if (!replicas[index].ready) {
      plan.leave.push_back(index);
    } else if (ready > wanted) {
      --ready;
      plan.leave.push_back(index);
    }
  }
  return plan;
}

}  // namespace scaler::platform

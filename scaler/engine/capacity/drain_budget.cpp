#include "scaler/engine/capacity/drain_budget.h"

#include <chrono>
#include <vector>

namespace scaler::engine::capacity {
namespace {

constexpr auto kCountedBy = std::chrono::minutes(5);

}  // namespace

int DrainedInHour(Time now, CapacityState& state) {
  std::erase_if(state.drained, [&](const TimedNodes& drained) {
    return now - drained.at >= std::chrono::hours(1) + kCountedBy;
  });
  int nodes = 0;
  for (const auto& drained : state.drained) {
    nodes += drained.nodes;
  }
  return nodes;
}

void NoteDrain(Time now, CapacityState& state) {
  auto& drained = state.drained;
  if (!drained.empty() && now - drained.back().at < kCountedBy) {
    ++drained.back().nodes;
  } else {
    drained.push_back({now, 1});
  }
}

}  // namespace scaler::engine::capacity

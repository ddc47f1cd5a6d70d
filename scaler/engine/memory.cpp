#include "scaler/engine/memory.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "scaler/engine/number.h"

namespace scaler::engine {
namespace {

constexpr double kMebibyte = 1024.0 * 1024.0;
constexpr double kLeastRaise = 100 * kMebibyte;
constexpr double kRaiseRatio = 1.2;
constexpr double kMargin = 1.2;
constexpr Duration kHalfLife = std::chrono::hours(24);

/// After the first day, less than this above the limit of then is no advice any more.
constexpr double kForgotten = 1.01;

/// Closer together, two ends are one: after a restart of whoever observes, an end may be told with
/// another millisecond.
constexpr Duration kSameEnd = std::chrono::seconds(1);

double Bounded(const Policy& policy, double bytes) {
  return std::min(std::ceil(bytes / kMebibyte) * kMebibyte, policy.memory.max_bytes);
}

void TakeEnds(const Policy& policy, const Observation& observation, State& state) {
  for (const auto& pod : observation.pods) {
    const bool is_news =
        pod.last_end == Pod::End::kOutOfMemory && pod.last_end_at && pod.owned &&
        (!state.memory || *pod.last_end_at > state.memory->out_of_memory_at + kSameEnd);
    if (!is_news || pod.memory_limit_bytes <= 0) {
      continue;
    }
    const double raised =
        std::max(pod.memory_limit_bytes + kLeastRaise, pod.memory_limit_bytes * kRaiseRatio);
    const double earlier = state.memory ? state.memory->advised_bytes : 0;
    state.memory = MemoryMemory{.out_of_memory_at = *pod.last_end_at,
                                .limit_then_bytes = pod.memory_limit_bytes,
                                .advised_bytes = Bounded(policy, std::max(raised, earlier))};
  }
}

double LargestUse(const std::vector<Pod>& pods) {
  double largest = 0;
  for (const auto& pod : pods) {
    if (pod.owned && pod.memory_bytes) {
      largest = std::max(largest, pod.memory_bytes->value);
    }
  }
  return largest;
}

}  // namespace

std::optional<MemoryAdvice> AdviseMemory(const Policy& policy, const Observation& observation,
                                         State& state) {
  using OnOom = MemoryReaction::OnOom;
  if (policy.memory.on_oom == OnOom::kIgnore || policy.memory.max_bytes <= 0) {
    return std::nullopt;
  }
  TakeEnds(policy, observation, state);
  if (!state.memory) {
    return std::nullopt;
  }
  const auto& memory = *state.memory;
  const auto age = observation.now - memory.out_of_memory_at;
  const double halvings = std::max(0.0, Seconds(age) / Seconds(kHalfLife));
  const double added = (memory.advised_bytes - memory.limit_then_bytes) * std::exp2(-halvings);
  const double decayed = memory.limit_then_bytes + std::max(added, 0.0);
  const double needed = LargestUse(observation.pods) * kMargin;
  if (halvings >= 1 && std::max(decayed, needed) < memory.limit_then_bytes * kForgotten) {
    state.memory.reset();
    return std::nullopt;
  }
  return MemoryAdvice{.limit_bytes = Bounded(policy, std::max(decayed, needed)),
                      .apply = policy.memory.on_oom == OnOom::kApply};
}

}  // namespace scaler::engine

#include "agent/requests/tenant_counters.h"

#include <algorithm>
#include <numeric>

namespace agent::requests {
namespace {

constexpr std::array<std::uint64_t, LatencyHistogram::kBoundsSeconds.size()> BoundsMilliseconds() {
  std::array<std::uint64_t, LatencyHistogram::kBoundsSeconds.size()> bounds{};
  for (std::size_t index = 0; index < bounds.size(); ++index) {
    bounds[index] = static_cast<std::uint64_t>(LatencyHistogram::kBoundsSeconds[index] * 1000);
  }
  return bounds;
}

constexpr auto kBoundsMilliseconds = BoundsMilliseconds();
static_assert(kBoundsMilliseconds[0] == 5 && kBoundsMilliseconds[7] == 10'000);

}  // namespace

void LatencyHistogram::Observe(std::uint64_t milliseconds) {
  // A bound belongs to its bucket: `le` means less or equal.
  const auto bucket = std::ranges::lower_bound(kBoundsMilliseconds, milliseconds);
  ++counts[static_cast<std::size_t>(bucket - kBoundsMilliseconds.begin())];
  sum_milliseconds += milliseconds;
}

std::uint64_t LatencyHistogram::Count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace agent::requests

#include "common/kubernetes/limiter.h"

#include <algorithm>
#include <cmath>

namespace common::kubernetes {
namespace {

/// What must be left in a bucket of so many after a call.
double ReservedBy(Priority priority, int burst) {
  switch (priority) {
    case Priority::kList:
      return burst / 2.0;
    case Priority::kRead:
      return burst / 4.0;
    case Priority::kWrite:
    case Priority::kLease:
      break;
  }
  return 0;
}

}  // namespace

Limiter::Limiter(Rate rate, MonotonicTime now)
    : rate_{std::max(rate.per_second, 0.01), std::max(rate.burst, 1)},
      tokens_(rate_.burst),
      refilled_at_(now) {}

void Limiter::Refill(MonotonicTime now) {
  const std::chrono::duration<double> passed = now - refilled_at_;
  tokens_ = std::min<double>(rate_.burst, tokens_ + passed.count() * rate_.per_second);
  refilled_at_ = now;
}

std::optional<MonotonicTime> Limiter::Take(Priority priority, MonotonicTime now) {
  Refill(now);
  if (priority == Priority::kLease) {
    tokens_ = std::max<double>(tokens_ - 1, -rate_.burst);
    return std::nullopt;
  }
  if (paused_until_ && now < *paused_until_) {
    return paused_until_;
  }
  paused_until_.reset();
  const double lacking = 1 + ReservedBy(priority, rate_.burst) - tokens_;
  // Thirds do not add up to a whole one.
  if (lacking <= 1e-9) {
    tokens_ -= 1;
    return std::nullopt;
  }
  const auto wait = std::chrono::duration<double>(lacking / rate_.per_second);
  return now + std::chrono::ceil<std::chrono::milliseconds>(wait);
}

void Limiter::PauseUntil(MonotonicTime until) {
  paused_until_ = std::max(paused_until_.value_or(until), until);
}

}  // namespace common::kubernetes

#pragma once

#include <chrono>
#include <optional>

#include "common/clock.h"

namespace common::kubernetes {

/// What a call is for; the first goes first.
enum class Priority {
  kLease,  ///< Keeps leadership; never waits.
  kWrite,  ///< Carries out a decision.
  kRead,   ///< One object, or a watch.
  kList,   ///< Many objects.
};

inline constexpr int kPriorities = 4;

struct Rate {
  double per_second = 50;
  int burst = 100;

  friend bool operator==(const Rate&, const Rate&) = default;
};

/// A token bucket, so that we are no burden to an API server: a list leaves half of the bucket and
/// a read a quarter to who comes with more in a hurry; a lease is let through even when it is empty
/// (what it took is owed). Pure: time is an argument and must not go back.
class Limiter {
 public:
  Limiter(Rate rate, MonotonicTime now);

  /// Takes a token, or says when it is worth asking again.
  [[nodiscard]] std::optional<MonotonicTime> Take(Priority priority, MonotonicTime now);

  /// The server said when: nobody but a lease gets a token before.
  void PauseUntil(MonotonicTime until);

 private:
  void Refill(MonotonicTime now);

  Rate rate_;
  double tokens_;
  MonotonicTime refilled_at_;
  std::optional<MonotonicTime> paused_until_;
};

}  // namespace common::kubernetes

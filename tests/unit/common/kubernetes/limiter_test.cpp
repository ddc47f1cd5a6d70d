#include "common/kubernetes/limiter.h"

#include <gtest/gtest.h>

namespace common::kubernetes {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const MonotonicTime kStart{std::chrono::hours(5)};

int TakeAll(Limiter& limiter, Priority priority, MonotonicTime now) {
  int taken = 0;
  while (taken < 1000 && !limiter.Take(priority, now)) {
    ++taken;
  }
  return taken;
}

TEST(LimiterTest, ListsLeaveHalfOfTheBucketToOthers) {
  Limiter limiter({.per_second = 10, .burst = 40}, kStart);
  EXPECT_EQ(TakeAll(limiter, Priority::kList, kStart), 20);
  EXPECT_EQ(TakeAll(limiter, Priority::kRead, kStart), 10);
  EXPECT_EQ(TakeAll(limiter, Priority::kWrite, kStart), 10);
}

TEST(LimiterTest, SaysWhenATokenWillBeThere) {
  Limiter limiter({.per_second = 10, .burst = 4}, kStart);
  EXPECT_EQ(TakeAll(limiter, Priority::kWrite, kStart), 4);
  const auto when = limiter.Take(Priority::kWrite, kStart);
  ASSERT_TRUE(when);
  EXPECT_EQ(*when, kStart + milliseconds(100));
  EXPECT_TRUE(limiter.Take(Priority::kWrite, kStart + milliseconds(99)));
  EXPECT_FALSE(limiter.Take(Priority::kWrite, kStart + milliseconds(101)));
}

TEST(LimiterTest, ALeaseNeverWaitsAndWhatItTookIsOwed) {
  Limiter limiter({.per_second = 10, .burst = 4}, kStart);
  EXPECT_EQ(TakeAll(limiter, Priority::kWrite, kStart), 4);
  EXPECT_FALSE(limiter.Take(Priority::kLease, kStart));
  EXPECT_FALSE(limiter.Take(Priority::kLease, kStart));
  EXPECT_EQ(limiter.Take(Priority::kWrite, kStart), kStart + milliseconds(300));
}

TEST(LimiterTest, WhoWasToldToWaitWaitsButForLeases) {
  Limiter limiter({.per_second = 10, .burst = 4}, kStart);
  limiter.PauseUntil(kStart + seconds(5));
  limiter.PauseUntil(kStart + seconds(2));
  EXPECT_EQ(limiter.Take(Priority::kWrite, kStart), kStart + seconds(5));
  EXPECT_FALSE(limiter.Take(Priority::kLease, kStart));
  EXPECT_FALSE(limiter.Take(Priority::kWrite, kStart + seconds(5)));
}

TEST(LimiterTest, TheBucketDoesNotOverflow) {
  Limiter limiter({.per_second = 10, .burst = 4}, kStart);
  EXPECT_EQ(TakeAll(limiter, Priority::kWrite, kStart + std::chrono::hours(1)), 4);
}

}  // namespace
}  // namespace common::kubernetes

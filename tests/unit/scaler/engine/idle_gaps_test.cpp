#include "scaler/engine/idle_gaps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scaler::engine {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Somebody who visits a workload now and then; seconds pass one by one.
class Visitor {
 public:
  IdleGaps gaps;
  Time now{seconds(1'000'000)};
  double overload = 0.02;
  bool warm_now = true;

  /// Stays for a second after having stayed away for so long.
  void VisitAfter(seconds gap, double demand = 1) {
    for (seconds away{1}; away < gap; ++away) {
      now += seconds(1);
      LearnGaps(now, false, 0, gaps);
    }
    now += seconds(1);
    LearnGaps(now, true, demand, gaps);
  }

  [[nodiscard]] std::optional<Warmth> After(seconds quiet) const {
    return KeepWarm(gaps, {.overload = overload,
                           .per_replica = 10,
                           .lead = seconds(20),
                           .warm_now = warm_now,
                           .seen = now + quiet,
                           .now = now + quiet});
  }

  [[nodiscard]] bool WarmAfter(seconds quiet) const {
    const auto warmth = After(quiet);
    return warmth && warmth->warm;
  }
};

TEST(KeepWarm, SaysNothingBeforeItHasSeenAFewGaps) {
  Visitor visitor;
  EXPECT_FALSE(visitor.After(seconds(1)));
  visitor.VisitAfter(minutes(1));
  visitor.VisitAfter(minutes(1));
  EXPECT_FALSE(visitor.After(seconds(1)));
}

TEST(KeepWarm, WaitsForWhoComesEveryFewMinutes) {
  Visitor visitor;
  for (const int gap : {60, 200, 90, 340, 120, 250, 80, 170, 300, 60}) {
    visitor.VisitAfter(seconds(gap));
  }
  for (int quiet = 1; quiet < 300; quiet += 10) {
    EXPECT_TRUE(visitor.WarmAfter(seconds(quiet))) << quiet;
  }
  EXPECT_FALSE(visitor.WarmAfter(hours(2)));
}

TEST(KeepWarm, SleepsBetweenVisitsAtRegularTimesAndWakesBeforeTheNext) {
  Visitor visitor;
  for (int i = 0; i < 60; ++i) {
    visitor.VisitAfter(minutes(30));
  }
  visitor.overload = 0.1;
  EXPECT_FALSE(visitor.WarmAfter(minutes(10)));
  EXPECT_FALSE(visitor.WarmAfter(minutes(20)));
  visitor.warm_now = false;
  EXPECT_FALSE(visitor.WarmAfter(minutes(24)));
  EXPECT_TRUE(visitor.WarmAfter(minutes(30) - seconds(20)));
  EXPECT_TRUE(visitor.WarmAfter(minutes(30) - seconds(1)));
  EXPECT_FALSE(visitor.WarmAfter(minutes(50)));
}

TEST(KeepWarm, ForgetsOldHabits) {
  Visitor visitor;
  visitor.overload = 0.1;
  for (int i = 0; i < 100; ++i) {
    visitor.VisitAfter(minutes(10));
  }
  for (int i = 0; i < 400; ++i) {
    visitor.VisitAfter(minutes(1));
  }
  EXPECT_TRUE(visitor.WarmAfter(seconds(50)));
  EXPECT_FALSE(visitor.WarmAfter(minutes(10) - seconds(20)));
}

TEST(KeepWarm, WaitsWithAsManyReplicasAsVisitsNeed) {
  Visitor visitor;
  for (int i = 0; i < 10; ++i) {
    visitor.VisitAfter(minutes(1), 35);
  }
  EXPECT_EQ(visitor.After(seconds(10))->replicas, 4);
}

TEST(KeepWarm, AGapThatNobodyWatchedHasNoLength) {
  Visitor visitor;
  for (int i = 0; i < 10; ++i) {
    visitor.VisitAfter(minutes(1));
  }
  const auto before = visitor.gaps.weights;
  ForgetLastVisit(visitor.gaps);
  EXPECT_FALSE(visitor.After(seconds(1)));
  visitor.VisitAfter(hours(1));
  EXPECT_EQ(visitor.gaps.weights, before);
}

TEST(KeepWarm, WaitingChangesNothingThatWouldHaveToBeWritten) {
  Visitor visitor;
  visitor.VisitAfter(minutes(1));
  LearnGaps(visitor.now + seconds(1), false, 0, visitor.gaps);
  const auto before = visitor.gaps;
  LearnGaps(visitor.now + seconds(2), false, 0, visitor.gaps);
  EXPECT_EQ(visitor.gaps, before);
}

TEST(KeepWarm, TakesGapsOfAnyLength) {
  Visitor visitor;
  LearnGaps(visitor.now, true, 1, visitor.gaps);
  for (const auto gap : {Duration(1), Duration(hours(24 * 365)), Duration(seconds(4))}) {
    LearnGaps(visitor.now, false, 0, visitor.gaps);
    visitor.now += gap;
    LearnGaps(visitor.now, true, 1, visitor.gaps);
  }
  EXPECT_EQ(visitor.gaps.count, 3);
}

}  // namespace
}  // namespace scaler::engine

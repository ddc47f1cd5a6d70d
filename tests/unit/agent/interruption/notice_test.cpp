#include "agent/interruption/notice.h"

#include <gmock/gmock.h>

#include "agent/interruption/watcher.h"

namespace agent::interruption {
namespace {

using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr WallTime kNow = WallTime(seconds(1'000'000));

TEST(Notices, OfAKindTheFirstToComeTrueIsKept) {
  const auto notices = Fold({},
                            {{Kind::kMaintenance, kNow + seconds(90)},
                             {Kind::kSpot, kNow + seconds(120)},
                             {Kind::kMaintenance, kNow + seconds(60)}},
                            kNow);
  EXPECT_THAT(notices, ElementsAre(Notice{Kind::kSpot, kNow + seconds(120)},
                                   Notice{Kind::kMaintenance, kNow + seconds(60)}));
}

TEST(Notices, WithoutATimeTheUsualOneIsReckonedFromTheFirstSight) {
  const std::vector<Sighting> seen = {{Kind::kSpot, std::nullopt, seconds(30)}};
  const auto first = Fold({}, seen, kNow);
  EXPECT_THAT(first, ElementsAre(Notice{Kind::kSpot, kNow + seconds(30)}));
  EXPECT_EQ(Fold(first, seen, kNow + seconds(10)), first);
}

TEST(Notices, WhatIsNoLongerSeenWasWithdrawn) {
  const auto first = Fold({}, {{Kind::kSpot, std::nullopt, seconds(30)}}, kNow);
  const auto none = Fold(first, {}, kNow + seconds(1));
  EXPECT_THAT(none, IsEmpty());
  const auto again = Fold(none, {{Kind::kSpot, std::nullopt, seconds(30)}}, kNow + seconds(2));
  EXPECT_EQ(again[0].at, kNow + seconds(32));
}

TEST(Pause, GrowsWithFailuresUpToItsBoundAndIsSpread) {
  const WatcherOptions options{.interval = milliseconds(500), .longest_pause = seconds(5)};
  EXPECT_EQ(Pause(options, 0, 1), milliseconds(500)) << "what works is asked in time";
  EXPECT_EQ(Pause(options, 1, 0), milliseconds(1000));
  EXPECT_EQ(Pause(options, 2, 0), milliseconds(2000));
  EXPECT_EQ(Pause(options, 4, 0), milliseconds(5000));
  EXPECT_EQ(Pause(options, 1'000'000, 0), milliseconds(5000));
  EXPECT_EQ(Pause(options, 4, 1), milliseconds(3750));
}

TEST(Pause, IsNeverBelowTheInterval) {
  const WatcherOptions options{.interval = seconds(30), .longest_pause = seconds(5)};
  EXPECT_EQ(Pause(options, 3, 0), seconds(30));
}

}  // namespace
}  // namespace agent::interruption

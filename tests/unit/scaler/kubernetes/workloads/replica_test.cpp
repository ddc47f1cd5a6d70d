#include "scaler/kubernetes/workloads/replica.h"

#include <gtest/gtest.h>

#include <string>

namespace scaler::kubernetes::workloads {
namespace {

using common::MonotonicTime;
using common::WallTime;
using engine::Pod;
using platform::Phase;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class FollowPodTest : public testing::Test {
 protected:
  FollowPodTest() {
    fields_.created = now_.wall;
    fields_.pending = true;
    fields_.ready_changed = now_.wall;
  }

  void Follow() {
    FollowPod("shop-1", fields_, now_, known_, times_, replica_);
    known_ = true;
  }

  void Pass(milliseconds time) {
    now_.wall += time;
    now_.monotonic += time;
  }

  Instant now_{WallTime(hours(1000)), MonotonicTime(hours(1)), true};
  PodFields fields_;
  PodTimes times_;
  platform::Replica replica_;
  bool known_ = false;
};

TEST_F(FollowPodTest, WhatIsSeenLiveHasTheTimeOfOurClock) {
  fields_.created -= milliseconds(900);  // The server writes whole seconds.
  Follow();
  EXPECT_EQ(replica_.created, now_.monotonic);
  Pass(seconds(3));
  fields_.pending = false;
  fields_.ready = true;
  fields_.ready_changed = now_.wall - seconds(66);  // Its clock is behind.
  Follow();
  EXPECT_EQ(replica_.phase, Phase::kReady);
  EXPECT_EQ(replica_.ready_changed, now_.monotonic);
}

TEST_F(FollowPodTest, WhatWasBeforeIsAsOldAsTheServerSays) {
  now_.live = false;
  fields_.created = now_.wall - seconds(90);
  Follow();
  EXPECT_EQ(replica_.created, now_.monotonic - seconds(90));
  fields_.created = now_.wall + seconds(90);
  known_ = false;
  Follow();
  EXPECT_EQ(replica_.created, now_.monotonic) << "never later than now";
}

TEST_F(FollowPodTest, AClockThatJumpsMovesNothing) {
  fields_.last_end = Pod::End::kError;
  fields_.last_end_at = now_.wall - seconds(20);
  Follow();
  const auto before = replica_;
  now_.wall += hours(2);
  Follow();
  EXPECT_EQ(replica_, before);
}

TEST_F(FollowPodTest, AnEndIsRememberedWhenTheKubeletForgetsIt) {
  fields_.last_end = Pod::End::kOutOfMemory;
  fields_.last_end_at = now_.wall - seconds(20);
  Follow();
  fields_.last_end = Pod::End::kNone;
  Follow();
  ASSERT_TRUE(replica_.last_end);
  EXPECT_EQ(replica_.last_end->how, Pod::End::kOutOfMemory);
  EXPECT_EQ(replica_.last_end->at, now_.monotonic - seconds(20));
}

TEST_F(FollowPodTest, OneThatHasServedDoesNotStartForTheFirstTime) {
  Follow();
  EXPECT_FALSE(replica_.has_served);
  fields_.ready = true;
  Follow();
  fields_.ready = false;
  Follow();
  EXPECT_EQ(replica_.phase, Phase::kStarting);
  EXPECT_TRUE(replica_.has_served);
}

TEST_F(FollowPodTest, SaysWhatPhaseItIsIn) {
  fields_.back_off = true;
  Follow();
  EXPECT_EQ(replica_.phase, Phase::kBackOff);
  fields_.leaving = now_.wall;
  fields_.ready = true;
  Follow();
  EXPECT_EQ(replica_.phase, Phase::kDraining);
  EXPECT_EQ(replica_.since, now_.wall);
}

}  // namespace
}  // namespace scaler::kubernetes::workloads

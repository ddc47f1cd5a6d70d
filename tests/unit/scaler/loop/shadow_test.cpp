#include "scaler/loop/shadow.h"

#include <gtest/gtest.h>

namespace scaler::loop {
namespace {

using engine::State;
using engine::Time;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kNow = Time(std::chrono::hours(1000));

State Remembering(int replicas, double learnt) {
  State state;
  state.highest = {{kNow - minutes(1), replicas}};
  state.capacity.emplace();
  state.gaps.emplace();
  state.memory = engine::MemoryMemory{kNow, learnt, learnt};
  return state;
}

TEST(ShadowTest, WhoHasSeenTheLastMinutesKnowsTheirWindows) {
  const Known own{Remembering(3, 1), kNow - minutes(20), kNow};
  const Known checkpoint{Remembering(9, 2), kNow - minutes(30), kNow - seconds(25)};
  EXPECT_EQ(Better(own, checkpoint, kNow).state.highest.front().replicas, 3);
}

TEST(ShadowTest, WhoHasJustBegunTakesTheWindowsOfTheCheckpoint) {
  const Known own{Remembering(3, 1), kNow - seconds(40), kNow};
  const Known checkpoint{Remembering(9, 2), kNow - minutes(30), kNow - seconds(25)};
  const auto better = Better(own, checkpoint, kNow);
  EXPECT_EQ(better.state.highest.front().replicas, 9);
  EXPECT_EQ(better.since, checkpoint.since);
}

TEST(ShadowTest, AnOldCheckpointHasOnlyWhatIsLearntOverDays) {
  const Known own{Remembering(3, 1), kNow - seconds(40), kNow};
  const Known checkpoint{Remembering(9, 2), kNow - minutes(90), kNow - minutes(60)};
  const auto better = Better(own, checkpoint, kNow);
  EXPECT_EQ(better.state.highest.front().replicas, 3);
  EXPECT_EQ(better.state.memory->advised_bytes, 2);
}

TEST(ShadowTest, WhatWasLearntOverDaysIsOfWhoBeganEarlier) {
  const Known own{Remembering(3, 1), kNow - minutes(60), kNow};
  const Known younger{Remembering(9, 2), kNow - minutes(30), kNow};
  EXPECT_EQ(Better(own, younger, kNow).state, own.state);
  EXPECT_EQ(Better(younger, own, kNow).state.memory->advised_bytes, 1);
}

TEST(ShadowTest, AChangeThatIsSeenCountsAsTheLeadersOwn) {
  engine::Policy policy;
  policy.mode = engine::Mode::kActive;
  policy.behavior.scale_up.limits = {
      {.kind = engine::RateLimit::Kind::kPods, .value = 4, .period = minutes(1)}};
  State state;
  LearnChange(policy, kNow, 2, 5, state);
  ASSERT_EQ(state.scaled_up.size(), 1U);
  EXPECT_EQ(state.scaled_up.front().replicas, 3);
  EXPECT_EQ(state.raised, kNow);
  const auto learnt = state;
  LearnChange(policy, kNow, 5, 5, state);
  policy.mode = engine::Mode::kDryRun;
  LearnChange(policy, kNow, 5, 1, state);
  EXPECT_EQ(state, learnt);
}

TEST(ShadowTest, WhatWasNotDoneIsForgotten) {
  State state;
  state.last_direction = 1;
  state.scaled_up = {{kNow, 1}};
  const ChangesMade before(state);
  auto after = state;
  after.scaled_up.push_back({kNow, 2});
  after.scaled_down = {{kNow, 1}};
  after.reversals = {{kNow, 1}};
  after.last_direction = -1;
  after.raised = kNow;
  before.PutBack(after);
  EXPECT_EQ(after, state);
}

}  // namespace
}  // namespace scaler::loop

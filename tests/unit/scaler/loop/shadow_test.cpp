#include "scaler/loop/shadow.h"

#include <gtest/gtest.h>

#include <vector>

namespace scaler::loop {
namespace {

using engine::State;
using engine::Time;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kNow = Time(std::chrono::hours(1000));

State Remembering(Time at, int replicas, double learnt = 0) {
  State state;
  state.highest = {{at, replicas}};
  state.memory = engine::MemoryMemory{kNow, learnt, learnt};
  return state;
}

std::vector<int> Sizes(const std::vector<engine::TimedReplicas>& history) {
  std::vector<int> sizes;
  for (const auto& entry : history) {
    sizes.push_back(entry.replicas);
  }
  return sizes;
}

class TogetherTest : public ::testing::Test {
 protected:
  [[nodiscard]] Known Joint() const { return Together(own_, checkpoint_); }

  /// A follower of long, and what the leader wrote down 25 s ago.
  Known own_{{}, kNow - minutes(20), kNow, {}};
  Known checkpoint_{{}, kNow - minutes(30), kNow - seconds(25), {}};
};

TEST_F(TogetherTest, EachTellsOfTheTimeThatItHasSeen) {
  own_.since = kNow - seconds(40);
  own_.state.highest = {{kNow - seconds(35), 20}, {kNow - seconds(30), 8}, {kNow - seconds(5), 3}};
  checkpoint_.state.highest = {
      {kNow - minutes(4), 9}, {kNow - seconds(35), 7}, {kNow - seconds(25), 2}};
  own_.state.lowest = {{kNow - seconds(30), 1}, {kNow - seconds(5), 5}};
  checkpoint_.state.lowest = {{kNow - minutes(4), 4}, {kNow - seconds(26), 6}};
  const auto joint = Joint();
  EXPECT_EQ(Sizes(joint.state.highest), (std::vector{9, 7, 3}));
  EXPECT_EQ(Sizes(joint.state.lowest), (std::vector{4, 5}));
  EXPECT_EQ(joint.since, checkpoint_.since);
  EXPECT_EQ(joint.seen, kNow);
}

TEST_F(TogetherTest, WhoWasThereBeforeTheCheckpointBeganTellsOfThatTime) {
  checkpoint_.since = kNow - minutes(2);
  own_.state.highest = {{kNow - minutes(4), 9}, {kNow - seconds(5), 3}};
  checkpoint_.state.highest = {{kNow - seconds(60), 5}};
  EXPECT_EQ(Sizes(Joint().state.highest), (std::vector{9, 5, 3}));
}

TEST_F(TogetherTest, APersonsChangeIsNotTheLeaders) {
  // In shadow they look alike; who has made them is known where the leader has written them down.
  own_.state.scaled_up = {{kNow - minutes(2), 2}, {kNow - minutes(1), 7}, {kNow - seconds(9), 1}};
  own_.state.last_direction = 1;
  own_.state.raised = kNow - seconds(9);
  checkpoint_.state.scaled_up = {{kNow - minutes(2), 2}};
  checkpoint_.state.last_direction = -1;
  const auto joint = Joint();
  EXPECT_EQ(Sizes(joint.state.scaled_up), (std::vector{2, 1}));
  EXPECT_EQ(joint.state.last_direction, 1);
  EXPECT_EQ(joint.state.raised, kNow - seconds(9));
}

TEST_F(TogetherTest, AChangeThatShowedOnlyAfterItWasWrittenDownCountsOnce) {
  checkpoint_.state.scaled_down = {{kNow - seconds(26), 2}, {kNow - seconds(25), 1}};
  own_.state.scaled_down = {{kNow - seconds(26), 2},
                            {kNow - seconds(25) + std::chrono::milliseconds(40), 1},
                            {kNow - seconds(24), 4}};
  EXPECT_EQ(Sizes(Joint().state.scaled_down), (std::vector{2, 1, 4}));
}

TEST_F(TogetherTest, OnlyTheLastChangesOfDirectionAreKept) {
  for (int i = 0; i < 6; ++i) {
    checkpoint_.state.reversals.push_back({kNow - minutes(9) + seconds(i), i});
  }
  own_.state.reversals = {{kNow - seconds(3), 6}};
  own_.state.last_direction = 1;
  checkpoint_.state.last_direction = -1;
  const auto joint = Joint();
  EXPECT_EQ(Sizes(joint.state.reversals), (std::vector{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(joint.state.last_direction, 1);
}

TEST_F(TogetherTest, WhoBeginsDoesNotKnowSinceWhenItIsQuiet) {
  checkpoint_.state.last_active = kNow - minutes(6);
  own_.since = kNow - seconds(3);
  own_.state.last_active = own_.since;
  EXPECT_EQ(Joint().state.last_active, kNow - minutes(6));
  own_.state.last_active = kNow - seconds(1);
  EXPECT_EQ(Joint().state.last_active, kNow - seconds(1));
}

TEST_F(TogetherTest, AnOldCheckpointHasOnlyWhatIsLearntOverDays) {
  own_ = {Remembering(kNow - seconds(20), 3, 1), kNow - seconds(40), kNow, seconds(4)};
  checkpoint_ = {Remembering(kNow - minutes(61), 9, 2), kNow - minutes(90), kNow - minutes(60),
                 seconds(7)};
  const auto joint = Joint();
  EXPECT_EQ(joint.state.highest.back().replicas, 3);
  EXPECT_EQ(joint.state.memory->advised_bytes, 2);
  EXPECT_EQ(joint.lead, seconds(7));
}

TEST_F(TogetherTest, WhoLearnsOnFromTheLeaderKnowsWhatItWroteDown) {
  own_.state = Remembering(kNow, 3, 1);
  checkpoint_.state = Remembering(kNow, 9, 2);
  own_.learns_on = true;
  EXPECT_EQ(Joint().state.memory->advised_bytes, 1);
  EXPECT_TRUE(Joint().learns_on);
}

TEST_F(TogetherTest, WhatWasLearntOverDaysIsOfWhoHasSeenMore) {
  own_.state = Remembering(kNow, 3, 1);
  checkpoint_.state = Remembering(kNow, 9, 2);
  EXPECT_EQ(Joint().state.memory->advised_bytes, 2);
  // Not of who began a moment earlier, and wrote it down before the last turns of demand.
  own_.since = checkpoint_.since + seconds(1);
  EXPECT_EQ(Joint().state.memory->advised_bytes, 1);
  EXPECT_EQ(Joint().lead, std::nullopt);
  checkpoint_.lead = seconds(7);
  EXPECT_EQ(Joint().lead, seconds(7));
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

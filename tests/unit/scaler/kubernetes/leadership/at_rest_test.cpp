#include "scaler/kubernetes/leadership/at_rest.h"

#include <gtest/gtest.h>

#include <utility>

#include "scaler/engine/decide.h"
#include "scaler/kubernetes/leadership/shards.h"

namespace scaler::kubernetes::leadership {
namespace {

using engine::Time;
using std::chrono::minutes;
using std::chrono::seconds;

/// A workload that scales by requests in flight, ten a replica, beside an HPA that would.
class Worker {
 public:
  Worker() {
    policy_.replicas = {.min = 0, .max = 20};
    policy_.signals.in_flight = engine::CountSignal{10};
    policy_.idle = engine::Idle{minutes(3)};
    policy_.behavior.scale_down.stabilization_window = minutes(5);
    policy_.behavior.scale_up.stabilization_window = minutes(1);
    observation_.now = Time(std::chrono::hours(1000));
  }

  int See(double in_flight, int times = 1) {
    for (int i = 0; i < times; ++i) {
      observation_.now += seconds(1);
      observation_.demand = engine::Sampled<engine::Demand>{{0, in_flight, 0}, observation_.now};
      auto step = engine::Decide(policy_, state, observation_);
      state = std::move(step.state);
      observation_.desired_replicas = step.decision.desired;
      observation_.ready_replicas = step.decision.desired;
    }
    return observation_.desired_replicas;
  }

  [[nodiscard]] Time Now() const { return observation_.now; }

  [[nodiscard]] std::string Text() const {
    return EncodeAtRest("shops/worker", {state, Time{}, observation_.now, {}});
  }

  engine::State state;

 private:
  engine::Policy policy_;
  engine::Observation observation_;
};

/// Moves from an instant to another, at which nothing has changed.
engine::State Later(engine::State state, Time seen, Time later) {
  state = AtRest(std::move(state), seen);
  MoveOn(later, state);
  return state;
}

TEST(AtRestTest, AWorkloadThatAlwaysWantsTheSameHasOneText) {
  for (const double in_flight : {0.0, 35.0}) {
    Worker worker;
    worker.See(95, 30);
    worker.See(in_flight, 700);
    const auto text = worker.Text();
    for (int i = 0; i < 600; ++i) {
      worker.See(in_flight);
      ASSERT_EQ(worker.Text(), text) << i;
    }
    worker.See(55);
    EXPECT_NE(worker.Text(), text);
  }
}

TEST(AtRestTest, WhatWasWrittenLongAgoDecidesAsIfItHadBeenWrittenNow) {
  Worker worker;
  worker.See(95, 700);
  const auto written = worker.state;
  const auto at = worker.Now();
  worker.See(95, 600);
  auto restored = worker;
  restored.state = Later(written, at, worker.Now());
  EXPECT_EQ(restored.state.highest, worker.state.highest);
  EXPECT_EQ(restored.state.lowest, worker.state.lowest);
  EXPECT_EQ(restored.state.last_active, worker.state.last_active);
  for (int i = 0; i < 900; ++i) {
    const double in_flight = i < 400 ? 15 : i < 500 ? 120 : 0;
    ASSERT_EQ(restored.See(in_flight), worker.See(in_flight)) << i;
  }
  EXPECT_EQ(worker.See(0), 0);
}

TEST(AtRestTest, WhatDoesNotMoveStaysAsItIs) {
  Worker worker;
  worker.See(95, 60);
  worker.See(15, 60);
  const auto before = worker.state;
  ASSERT_GE(before.highest.size(), 2U);
  const auto later = Later(before, worker.Now(), worker.Now() + minutes(1));
  EXPECT_EQ(later.highest.front(), before.highest.front());
  EXPECT_EQ(later.highest.back().at, worker.Now() + minutes(1));
  EXPECT_EQ(later.scaled_up, before.scaled_up);
  EXPECT_EQ(Later(before, worker.Now() - minutes(1), worker.Now()).highest, before.highest);
}

TEST(AtRestTest, OfNodesOnlyHowLongTheyWereLookedAtMoves) {
  codec::CapacityMemory nodes;
  nodes.state.drained = {{Time(minutes(3)), 2}};
  auto later = nodes;
  later.state.seen_until = Time(minutes(5));
  later.state.watched = minutes(2);
  EXPECT_EQ(AtRest(later), AtRest(nodes));
  later.state.drained.push_back({Time(minutes(4)), 1});
  EXPECT_NE(AtRest(later), AtRest(nodes));
}

}  // namespace
}  // namespace scaler::kubernetes::leadership

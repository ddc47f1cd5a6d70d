#include "scaler/engine/provision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "scaler/engine/decide.h"

namespace scaler::engine {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// A workload whose replicas carry 10 requests/s, looked at through the objective alone.
class Workload {
 public:
  ProvisionQuestion question;
  DemandMemory memory;

  Workload() {
    question.now = Time(seconds(1'000'000));
    question.per_replica = 10;
    question.overload = 0.01;
    question.lead.replica = seconds(20);
  }

  Headroom See(double demand, milliseconds time = seconds(5)) {
    question.now += time;
    question.seen = question.now - seconds(5);
    question.demand = demand;
    const auto provision = Provide(question, memory);
    LearnDemand(question, provision, memory);
    question.current = provision.replicas;
    return provision.headroom;
  }

  /// Up or down by 5 every 30 s, between 50 and 150.
  void Wander(int times) {
    unsigned random = 1;
    double demand = 100;
    for (int i = 0; i < times; ++i) {
      random = random * 1'664'525 + 1'013'904'223;
      const bool up = demand <= 50 || (demand < 150 && (random >> 31U) != 0);
      demand += up ? 5 : -5;
      Repeat({demand}, 1);
    }
  }

  /// A demand for each 30 s, again and again.
  Headroom Repeat(const std::vector<double>& demands, int times) {
    Headroom last;
    for (int i = 0; i < times; ++i) {
      for (const double demand : demands) {
        for (int step = 0; step < 6; ++step) {
          last = See(demand);
        }
      }
    }
    return last;
  }
};

TEST(Provision, AnObjectiveThatAllowsEverythingGetsTheNeedItself) {
  Workload workload;
  workload.question.overload = 1;
  EXPECT_EQ(workload.See(0).replicas, 0);
  EXPECT_EQ(workload.See(10).replicas, 1);
  EXPECT_EQ(workload.See(10.1).replicas, 2);
}

TEST(Provision, SteadyDemandGetsNoHeadroomThatItDoesNotNeed) {
  Workload workload;
  EXPECT_EQ(workload.Repeat({95}, 300).replicas, 10);
}

TEST(Provision, DemandThatMovesGetsRoomForItsMoves) {
  Workload workload;
  const auto headroom = workload.Repeat({80, 95, 110, 95}, 200);
  EXPECT_EQ(headroom.reactive, 10);
  EXPECT_GE(headroom.replicas, 11);
  EXPECT_LE(headroom.replicas, 14);
}

TEST(Provision, AStricterObjectiveGetsMore) {
  Workload strict;
  Workload lax;
  strict.question.overload = 0.0005;
  lax.question.overload = 0.3;
  EXPECT_GT(strict.Repeat({80, 95, 110, 95}, 200).replicas,
            lax.Repeat({80, 95, 110, 95}, 200).replicas);
}

TEST(Provision, KeepsWhatUsuallyComesBackAndSaysSinceWhen) {
  Workload workload;
  workload.Repeat({15, 15, 15, 95}, 100);
  const auto headroom = workload.Repeat({15}, 1);
  EXPECT_EQ(headroom.reactive, 2);
  EXPECT_GT(headroom.replicas, 2);
  ASSERT_TRUE(headroom.last_as_high);
  EXPECT_EQ(*headroom.last_as_high, seconds(30));
}

TEST(Provision, LetsGoOfWhatFellForTheFirstTime) {
  Workload workload;
  workload.Repeat({195}, 100);
  EXPECT_EQ(workload.Repeat({12}, 2).replicas, 2);
}

TEST(Provision, HoldsForAsLongAsItMayWhatUsuallyComesBack) {
  Workload workload;
  workload.question.hold = seconds(20);
  workload.Repeat({15, 15, 15, 95}, 100);
  EXPECT_GT(workload.See(15).replicas, 2);
  EXPECT_GT(workload.See(15, seconds(14)).replicas, 2) << "95 was there 19 s ago";
  EXPECT_EQ(workload.See(15, seconds(2)).replicas, 2);
}

TEST(Provision, HasRoomForUsualMovesWhereNothingMayBeHeld) {
  Workload workload;
  workload.question.hold = seconds(0);
  const auto headroom = workload.Repeat({80, 95, 110, 95}, 200);
  EXPECT_EQ(headroom.reactive, 10);
  EXPECT_GE(headroom.replicas, 11);
  EXPECT_LE(headroom.replicas, 14);
  workload.See(9);
  EXPECT_EQ(workload.See(9).replicas, 1) << "a jump is not a usual move";
}

TEST(Provision, ALongerLeadGetsMore) {
  Workload workload;
  workload.Wander(3000);
  const int near = workload.See(95).replicas;
  workload.question.lead.node = minutes(4);
  workload.question.lead.room = 0;
  const auto far = workload.See(95);
  EXPECT_GT(far.replicas, near);
  EXPECT_TRUE(far.node);
}

TEST(Provision, AnIdleWorkloadsMemoryRests) {
  Workload workload;
  workload.Repeat({15, 95}, 20);
  workload.See(0);
  workload.See(0, minutes(11));
  const auto memory = workload.memory;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(workload.See(0, seconds(1)).replicas, 0);
  }
  EXPECT_EQ(workload.memory, memory);
}

TEST(Provision, ASampleCountsOnce) {
  Workload workload;
  workload.Repeat({15, 95}, 20);
  const auto memory = workload.memory;
  LearnDemand(workload.question, Provide(workload.question, workload.memory), workload.memory);
  EXPECT_EQ(workload.memory, memory);
}

/// Demands with their distances in time, as ticks, events and pauses bring them.
auto Histories() {
  return rc::gen::container<std::vector<std::pair<int, int>>>(rc::gen::pair(
      rc::gen::inRange(0, 3000), rc::gen::element(50, 1000, 5000, 30'000, 4'000'000)));
}

void Play(const std::vector<std::pair<int, int>>& history, Workload& workload) {
  for (const auto& [demand, time] : history) {
    const auto headroom = workload.See(demand / 10.0, milliseconds(time));
    RC_ASSERT(headroom.replicas >= headroom.reactive);
    RC_ASSERT(headroom.replicas <= 1'000'000);
    RC_ASSERT(workload.memory.levels.size() <= kMostDemandLevels);
  }
}

/// A state may have been written by another version, or by anybody.
TEST(Provision, TwoThatLookSomeMillisecondsApartLearnTheSame) {
  Workload prompt;
  Workload late;
  const auto see = [](double demand, Time seen, milliseconds after, Workload& workload) {
    workload.question.lead.replica = seconds(3);
    workload.question.seen = seen;
    workload.question.now = seen + after;
    workload.question.demand = demand;
    LearnDemand(workload.question, Provide(workload.question, workload.memory), workload.memory);
  };
  for (int i = 0; i < 2000; ++i) {
    const double demand = 100 + i / 7 % 4 * 5;
    const auto seen = Time(seconds(1'000'000)) + i * milliseconds(500);
    see(demand, seen, milliseconds(0), prompt);
    see(demand, seen, milliseconds(i % 50), late);
  }
  EXPECT_EQ(late.memory.account, prompt.memory.account);
  EXPECT_EQ(late.memory.errors.trials, prompt.memory.errors.trials);
  EXPECT_EQ(late.memory.errors.reached, prompt.memory.errors.reached);
}

TEST(Provision, TablesOfAnotherSizeAreForgotten) {
  Workload workload;
  workload.Wander(50);
  State state;
  state.demand = workload.memory;
  ASSERT_FALSE(state.demand->errors.trials.empty());
  ASSERT_TRUE(state.demand->errors.trial);
  state.demand->errors.reached.clear();
  state.demand->errors.scale_moves.pop_back();
  state.demand->errors.trial->rows.clear();
  Policy policy;
  policy.objective.overload = 0.01;
  Observation observation;
  observation.now = workload.question.now + seconds(60);
  observation.lead.replica = seconds(20);
  observation.demand = Sampled<Demand>{{.arrivals_per_second = 100}, observation.now};
  const auto headroom = ProvideFor(policy, observation, 10, state);
  EXPECT_GE(headroom.replicas, 10);
  EXPECT_EQ(state.demand->errors.trials.size(), state.demand->errors.reached.size());
  EXPECT_EQ(state.demand->errors.scale_trials.size(), state.demand->errors.scale_moves.size());
}

RC_GTEST_PROP(ProvisionProperty, MoreDemandNeverGivesFewerReplicas, ()) {
  Workload workload;
  workload.question.overload = *rc::gen::element(0.2, 0.01, 0.0001);
  workload.question.hold = *rc::gen::element<std::optional<Duration>>(std::nullopt, seconds(0),
                                                                      seconds(60), minutes(60));
  Play(*Histories(), workload);
  auto other = workload;
  const double demand = *rc::gen::inRange(0, 3000) / 10.0;
  const double more = demand + *rc::gen::inRange(0, 3000) / 10.0;
  RC_ASSERT(other.See(more).replicas >= workload.See(demand).replicas);
}

RC_GTEST_PROP(ProvisionProperty, TheTimeOfDayDoesNotMatter, ()) {
  Workload workload;
  Workload later;
  later.question.now += hours(12'345);
  for (const auto& [demand, time] : *Histories()) {
    RC_ASSERT(workload.See(demand / 10.0, milliseconds(time)) ==
              later.See(demand / 10.0, milliseconds(time)));
  }
}

}  // namespace
}  // namespace scaler::engine

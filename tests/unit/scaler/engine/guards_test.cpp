#include "scaler/engine/guards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/engine/group.h"
#include "unit/scaler/engine/shop.h"

namespace scaler::engine {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;

auto Applied(Rule rule) { return Contains(Field(&Clamp::rule, rule)); }

/// Four replicas that carry their load, in requests and in CPU, and no idle tenant.
class Busy : public Shop {
 public:
  Busy() {
    policy.idle.reset();
    policy.replicas.min = 1;
    policy.signals.cpu = UtilizationSignal{0.5};
    observation.desired_replicas = 4;
    UseCpu(0.2, 4);
  }

  /// The first `count` pods end with an error and wait for their next start; the others carry
  /// their load as well.
  void CrashLoop(int count) {
    for (int i = 0; i < 4; ++i) {
      auto& pod = observation.pods[static_cast<std::size_t>(i)];
      const bool down = i < count;
      pod.ready = !down;
      pod.waits_for_restart = down;
      pod.last_end = down ? Pod::End::kError : Pod::End::kNone;
      pod.cpu_cores =
          down ? std::nullopt : std::optional(Sampled<double>{0.2 / (4 - count), observation.now});
    }
    observation.ready_replicas = 4 - count;
  }

  void UseEach(double cores) {
    for (auto& pod : observation.pods) {
      pod.cpu_cores = Sampled<double>{cores, observation.now + seconds(1)};
    }
  }

  void MeasureAgain() {
    for (auto& pod : observation.pods) {
      if (pod.cpu_cores) {
        pod.cpu_cores->at = observation.now + seconds(1);
      }
    }
  }
};

// Three of four replicas crash. The one that is left runs hot, and clients that were turned away
// come again: every signal asks for more, and more would crash too.
TEST(Story, ACrashLoopUnderLoadDoesNotRunAway) {
  Busy shop;
  shop.CrashLoop(3);
  for (int second = 0; second < 600; ++second) {
    shop.MeasureAgain();
    ASSERT_EQ(shop.See(80 + second), 4) << second;
  }
  EXPECT_THAT(shop.last.clamps, Applied(Rule::kCrashLoop));

  // The fix is rolled out, the replicas stay up, and the visitors who are still there count again.
  shop.CrashLoop(0);
  shop.MeasureAgain();
  EXPECT_EQ(shop.See(120), 6);
}

// One of four crashes. The other three use more CPU for it, which is no reason; but twice as many
// visitors are.
TEST(Story, OneCrashingReplicaDoesNotKeepTheOthersFromGrowing) {
  Busy shop;
  shop.CrashLoop(1);
  shop.observation.pods[3].cpu_cores->value = 5;
  shop.MeasureAgain();
  EXPECT_EQ(shop.See(80), 4);
  EXPECT_THAT(shop.last.clamps, Applied(Rule::kCrashLoop));
  shop.MeasureAgain();
  EXPECT_EQ(shop.See(160), 8);
}

TEST(Story, ACrashLoopMayBeIgnoredByThePolicy) {
  Busy shop;
  shop.policy.guards.hold_in_crash_loop = false;
  shop.CrashLoop(3);
  shop.MeasureAgain();
  EXPECT_EQ(shop.See(160), 8);
}

// Replicas run out of memory one after the other; each restart makes the others fuller. The number
// stays, the advised limit rises until the policy's bound, and fades when all is well for days.
TEST(Story, AnOutOfMemorySpiralAsksForMemoryAndNotForReplicas) {
  constexpr double kMebibyte = 1 << 20;
  Busy shop;
  shop.policy.memory = {.on_oom = MemoryReaction::OnOom::kRecommend, .max_bytes = 1000 * kMebibyte};
  double limit = 500 * kMebibyte;
  double advised = 0;
  for (int round = 0; round < 8; ++round) {
    shop.CrashLoop(3);
    for (auto& pod : shop.observation.pods) {
      pod.last_end = Pod::End::kOutOfMemory;
      pod.last_end_at = shop.observation.now;
      pod.memory_limit_bytes = limit;
    }
    shop.MeasureAgain();
    ASSERT_EQ(shop.See(200), 4) << round;
    ASSERT_TRUE(shop.last.memory);
    EXPECT_FALSE(shop.last.memory->apply);
    EXPECT_GE(shop.last.memory->limit_bytes, advised);
    advised = shop.last.memory->limit_bytes;
    EXPECT_NEAR(advised, std::min(std::max(limit + 100 * kMebibyte, limit * 1.2), 1000 * kMebibyte),
                kMebibyte);
    limit = advised;  // Somebody follows the advice.
    shop.observation.now += minutes(1);
  }
  EXPECT_EQ(advised, 1000 * kMebibyte);
}

TEST(Story, AMemoryAdviceFades) {
  Busy shop;
  shop.policy.memory = {.on_oom = MemoryReaction::OnOom::kApply, .max_bytes = 2e9};
  auto& pod = shop.observation.pods[0];
  pod.last_end = Pod::End::kOutOfMemory;
  pod.last_end_at = shop.observation.now;
  shop.See(80);
  ASSERT_TRUE(shop.last.memory);
  EXPECT_TRUE(shop.last.memory->apply);
  const double first = shop.last.memory->limit_bytes;
  shop.See(80, hours(24));
  ASSERT_TRUE(shop.last.memory);
  EXPECT_LT(shop.last.memory->limit_bytes, first);
  EXPECT_GT(shop.last.memory->limit_bytes, pod.memory_limit_bytes);
  shop.See(80, hours(24 * 7));
  EXPECT_EQ(shop.last.memory, std::nullopt);
}

// A new revision comes up beside the old one under load: its pods burn CPU while they start, and
// for a moment fewer replicas answer. Neither adds nor takes away a replica.
TEST(Story, ARollOutUnderLoadChangesNothing) {
  Busy shop;
  shop.policy.behavior.scale_down.stabilization_window = {};
  for (int old = 3; old > 0; --old) {
    auto& starting = shop.observation.pods[static_cast<std::size_t>(old)];
    starting.revision = "2";
    starting.ready = false;
    starting.started = shop.observation.now;
    starting.cpu_cores = Sampled<double>{3, shop.observation.now};
    shop.observation.ready_replicas = 3;
    for (int second = 0; second < 30; ++second) {
      shop.MeasureAgain();
      ASSERT_EQ(shop.See(75), 4) << old << ", " << second;
    }
    // The others have less to do than usual, and still nothing goes.
    shop.UseEach(0.01);
    ASSERT_EQ(shop.See(30), 4);
    EXPECT_THAT(shop.last.clamps, Applied(Rule::kRollout));
    starting.ready = true;
    starting.ready_changed = shop.observation.now;
    shop.observation.ready_replicas = 4;
    shop.UseEach(0.05);
    ASSERT_EQ(shop.See(75), 4);
  }
  shop.UseEach(0.01);
  EXPECT_EQ(shop.See(30), 2) << "it is over";
}

TEST(Story, ARollOutThatIsStuckHoldsForTenMinutesOnly) {
  Busy shop;
  shop.policy.signals.cpu.reset();
  shop.policy.behavior.scale_down.stabilization_window = {};
  shop.observation.pods[0].revision = "2";
  shop.observation.pods[0].ready = false;
  shop.observation.pods[0].started = shop.observation.now;
  EXPECT_EQ(shop.See(20, seconds(599)), 4);
  EXPECT_EQ(shop.See(20, seconds(1)), 1);
}

// Blue serves with six. Green is deployed with one, grows to six before it gets a visitor, and
// blue keeps its six until green has served for ten minutes.
TEST(Story, InABlueGreenSwitchNobodyWaits) {
  Busy green;
  Busy blue;
  for (Busy* shop : {&green, &blue}) {
    shop->policy.signals.cpu.reset();
    shop->policy.guards.blue_green = BlueGreen{minutes(10)};
    shop->policy.behavior.scale_down.stabilization_window = {};
    shop->observation.pods.clear();
  }
  const auto start = green.observation.now;
  green.observation.desired_replicas = 1;
  green.observation.peer = Peer{.name = "blue",
                                .desired_replicas = 6,
                                .arrivals_per_second = 110,
                                .serving_since = start - hours(100),
                                .we_serve = false,
                                .we_served_until = {}};
  EXPECT_EQ(green.See(0), 6);
  EXPECT_THAT(green.last.clamps, Applied(Rule::kBlueGreenMatch));

  const auto switched = green.observation.now;
  blue.observation.desired_replicas = 6;
  blue.observation.peer = Peer{.name = "green",
                               .desired_replicas = 6,
                               .arrivals_per_second = 110,
                               .serving_since = switched,
                               .we_serve = false,
                               .we_served_until = switched};
  while (blue.observation.now < switched + minutes(10) - seconds(1)) {
    ASSERT_EQ(blue.See(0), 6);
    ASSERT_THAT(blue.last.clamps, Applied(Rule::kBlueGreenHold));
  }
  EXPECT_EQ(blue.See(0), 1);
}

TEST(Story, TheColourOfLastTimeIsTheCandidateOfNextTime) {
  Busy blue;
  blue.policy.guards.blue_green = BlueGreen{minutes(10)};
  blue.policy.signals.cpu.reset();
  blue.observation.desired_replicas = 1;
  blue.observation.peer = Peer{.name = "green",
                               .desired_replicas = 5,
                               .arrivals_per_second = 80,
                               .serving_since = blue.observation.now - hours(24),
                               .we_serve = false,
                               .we_served_until = blue.observation.now - hours(24)};
  blue.observation.pods.clear();
  EXPECT_EQ(blue.See(0), 1) << "nobody has deployed anything";
  blue.AddPod(0);
  EXPECT_EQ(blue.See(0), 5);
}

// The agent is gone: what it last said ages, and silence is no fall in demand.
TEST(Story, ALostAgentScalesNothingDown) {
  Shop shop;
  shop.See(100);
  for (int minute = 0; minute < 60; ++minute) {
    ASSERT_EQ(shop.SeeNothing(minutes(1)), 5);
  }
  EXPECT_EQ(shop.last.outcome, Outcome::kHeld);
  EXPECT_EQ(shop.See(100), 5);
}

TEST(Story, ALostAgentMayMeanANumberOfThePolicy) {
  Shop shop;
  shop.policy.guards.on_missing = Guards::OnMissing::kFallback;
  shop.policy.guards.fallback_replicas = 8;
  shop.See(100);
  EXPECT_EQ(shop.SeeNothing(minutes(1)), 8);
  EXPECT_THAT(shop.last.clamps, Applied(Rule::kFallback));
  shop.policy.guards.fallback_replicas = 2;
  EXPECT_EQ(shop.SeeNothing(minutes(1)), 8) << "a fallback takes nothing away";
}

// Two tenants of one plan want ten replicas each, and the plan has twelve.
TEST(Guards, WhatHasOnlyJustBeenAskedForIsNotMissingYet) {
  Busy shop;
  shop.policy.signals.cpu.reset();
  shop.policy.guards.on_missing = Guards::OnMissing::kFallback;
  shop.policy.guards.fallback_replicas = 8;
  shop.observation.watched_since = shop.observation.now;
  EXPECT_EQ(shop.SeeNothing(seconds(29)), 4);
  EXPECT_EQ(shop.last.outcome, Outcome::kHeld);
  EXPECT_EQ(shop.SeeNothing(seconds(1)), 8);
}

TEST(Story, TwoTenantsReachTheCapOfTheirGroup) {
  const ScalingGroup plan{.name = "starter", .max_replicas = 12, .max_cpu_cores = {}};
  Shop first;
  Shop second;
  const auto wants = [](Shop shop, double rate) { return shop.See(rate); };  // a rehearsal
  const auto share =
      Share(plan, {{"a", 0, 0, wants(first, 200), 0.1}, {"b", 0, 0, wants(second, 60), 0.1}});
  first.observation.group = GroupShare{"starter", share[0]};
  second.observation.group = GroupShare{"starter", share[1]};

  EXPECT_EQ(first.See(200), 9);
  EXPECT_THAT(first.last.clamps, Rules(Rule::kGroupCap));
  EXPECT_EQ(Why(first.last.clamps[0]), "the share of the group starter");
  EXPECT_EQ(second.See(60), 3);
  EXPECT_THAT(second.last.clamps, IsEmpty());
}

TEST(Guards, WhileItIsSlowNothingIsTakenAway) {
  Busy shop;
  shop.policy.signals.cpu.reset();
  shop.policy.behavior.scale_down.stabilization_window = {};
  shop.policy.signals.latency = LatencyGuard{0.99, std::chrono::milliseconds(300)};
  shop.observation.latency_seconds = Sampled<double>{0.4, shop.observation.now};
  EXPECT_EQ(shop.See(20), 4);
  EXPECT_THAT(shop.last.clamps, Applied(Rule::kLatency));
  shop.observation.latency_seconds = Sampled<double>{0.2, shop.observation.now};
  EXPECT_EQ(shop.See(20), 1);
}

TEST(Guards, AReadyMomentBetweenCrashesIsNotHealth) {
  Busy shop;
  for (auto& pod : shop.observation.pods) {
    pod.ready = true;
    pod.restarts = 3;
    pod.last_end = Pod::End::kError;
    pod.last_end_at = shop.observation.now;
    pod.ready_changed = shop.observation.now;
  }
  shop.observation.now += std::chrono::seconds(1);
  EXPECT_EQ(shop.See(160), 4);
  EXPECT_THAT(shop.last.clamps, Applied(Rule::kCrashLoop));
  // Who has stayed up for a minute is believed.
  EXPECT_EQ(shop.See(160, std::chrono::minutes(1)), 8);
}

TEST(Guards, ASmallFallWaitsForFiveMinutesAfterARise) {
  Shop shop;
  shop.policy.behavior.scale_down.stabilization_window = {};
  EXPECT_EQ(shop.See(90), 5);
  EXPECT_EQ(shop.See(61), 5);
  EXPECT_THAT(shop.last.clamps, Applied(Rule::kFlapping));
  EXPECT_EQ(Why(shop.last.clamps.front()), "it went up only 1 s ago, and this is a small fall");
  EXPECT_EQ(shop.See(61, std::chrono::minutes(5)), 4);
  // The next one needs not wait, as the number is on its way down.
  EXPECT_EQ(shop.See(41), 3);
}

TEST(Guards, ALargeFallWaitsForNothing) {
  Shop shop;
  shop.policy.behavior.scale_down.stabilization_window = {};
  EXPECT_EQ(shop.See(90), 5);
  EXPECT_EQ(shop.See(59), 3);
  EXPECT_EQ(shop.See(21), 2);
}

TEST(Guards, AFallFarBelowItsFlappingIsFollowed) {
  Busy shop;
  shop.policy.signals.cpu.reset();
  shop.policy.behavior.scale_down.stabilization_window = {};
  for (int second = 0; second < 200; ++second) {
    shop.See(second % 20 < 10 ? 120 : 160);
  }
  EXPECT_THAT(shop.See(120), 8);
  EXPECT_THAT(shop.last.clamps, Applied(Rule::kFlapping));
  EXPECT_THAT(shop.See(70), 8) << "not so far";
  EXPECT_THAT(shop.See(40), 2);
}

TEST(Guards, WhatFlapsStaysUpUntilItHasCalmedDown) {
  Busy shop;
  shop.policy.signals.cpu.reset();
  shop.policy.behavior.scale_down.stabilization_window = {};
  int changes = 0;
  for (int second = 0; second < 300; ++second) {
    const int before = shop.observation.desired_replicas;
    changes += shop.See(second % 20 < 10 ? 40 : 160) != before ? 1 : 0;
  }
  EXPECT_LE(changes, 9);
  EXPECT_THAT(shop.See(40), 8);
  EXPECT_THAT(shop.last.clamps, Applied(Rule::kFlapping));
  EXPECT_EQ(shop.See(40, minutes(10)), 2);
}

TEST(Guards, PodsOfOthersAreNotAveragedIn) {
  Busy shop;
  shop.policy.signals.requests.reset();
  shop.AddPod(50).owned = false;
  shop.MeasureAgain();
  EXPECT_EQ(shop.See(0), 4);
  EXPECT_THAT(shop.last.left_out,
              Contains(LeftOut{"1 pods",
                               "the selector finds them, but the workload did not make "
                               "them"}));
}

TEST(Guards, AReadyPodThatNobodyMeasuredYetDropsNothing) {
  Busy shop;
  shop.policy.signals.requests.reset();
  shop.policy.behavior.scale_down.stabilization_window = {};
  for (auto& pod : shop.observation.pods) {
    pod.cpu_cores->value = 0.025;  // half of the target: two would do
  }
  shop.observation.pods[0].cpu_cores.reset();
  shop.observation.pods[1].ready_changed = shop.observation.now + seconds(5);
  shop.MeasureAgain();
  EXPECT_EQ(shop.See(0), 3) << "one for the two measured, and the two others";
}

TEST(Guards, ARunningWorkloadHasItsRedundancy) {
  Shop shop;
  shop.policy.placement = {
      .spot = Placement::Spot::kPrefer, .min_replicas = 1, .min_nodes = 2, .min_zones = 3};
  EXPECT_EQ(shop.See(1), 3);
  EXPECT_THAT(shop.last.clamps, Rules(Rule::kRedundancy));
  EXPECT_EQ(shop.See(0, seconds(100)), 0) << "none at all is allowed";
}

TEST(Guards, AScheduleIsReadyWhenItBegins) {
  Shop shop;
  const auto nine = shop.observation.now + hours(1);
  shop.policy.schedule = {{"office", nine, nine + hours(8), 3, {}}};
  shop.observation.lead.replica = seconds(20);
  shop.observation.now = nine - seconds(22);
  EXPECT_EQ(shop.See(0), 0);
  EXPECT_EQ(shop.See(0), 3);
  EXPECT_EQ(Why(shop.last.clamps.back()), "the schedule office");
  shop.observation.now = nine + hours(8) - seconds(2);
  EXPECT_EQ(shop.See(0), 3);
  EXPECT_EQ(shop.See(0), 0);
}

TEST(Guards, AScheduleMayCapToo) {
  Shop shop;
  const auto now = shop.observation.now;
  shop.policy.schedule = {{"night", now, now + hours(8), {}, 2}};
  EXPECT_EQ(shop.See(200), 2);
  EXPECT_THAT(shop.last.clamps, Rules(Rule::kScheduleMax));
}

}  // namespace
}  // namespace scaler::engine

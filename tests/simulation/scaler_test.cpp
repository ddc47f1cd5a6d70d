#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "scaler/codec/codec.h"
#include "simulation/world.h"
#include "support/sanitized.h"

namespace simulation {
namespace {

using scaler::engine::Outcome;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Simulation, ATenfoldStepIsDecidedWithinTwoSeconds) {
  World world(1);
  world.AddShop("shop", 8, 1);
  world.StartScaler();
  world.executor.RunFor(seconds(60));
  ASSERT_EQ(world.platform.Desired("shop"), 1);

  world.agent.SetRate("shop", 75);

  EXPECT_LT(world.SecondsUntil([&] { return world.platform.Desired("shop") > 1; }, seconds(10)), 2);
  EXPECT_LT(world.SecondsUntil([&] { return world.platform.Desired("shop") >= 4; }, seconds(10)),
            2.5);
}

TEST(Simulation, AFallToATenthIsFollowedDownWithinAMinute) {
  World world(2);
  world.AddShop("shop", 195, 10);
  world.StartScaler();
  world.executor.RunFor(seconds(120));
  ASSERT_EQ(world.platform.Desired("shop"), 10);

  world.agent.SetRate("shop", 18);

  EXPECT_LT(world.SecondsUntil([&] { return world.platform.Desired("shop") == 1; }, seconds(120)),
            60);
}

TEST(Simulation, AFallIsFollowedDownWithinAMinuteInWhateverPhaseItComes) {
  for (std::uint32_t phase = 0; phase < 20; ++phase) {
    World world(100 + phase);
    world.AddShop("shop", 18, 1);
    world.StartScaler();
    world.executor.RunFor(minutes(2));
    world.agent.SetRate("shop", 195);
    world.executor.RunFor(minutes(2) + std::chrono::milliseconds(phase * 730));
    ASSERT_EQ(world.platform.Desired("shop"), 10);

    world.agent.SetRate("shop", 18);

    EXPECT_LT(world.SecondsUntil([&] { return world.platform.Desired("shop") == 1; }, minutes(2)),
              60)
        << "phase " << phase;
  }
}

TEST(Simulation, WhileRequestsAreSlowNothingIsTakenAway) {
  World world(5);
  std::string policy = kShops;
  const std::string carries = "perReplica: 20/s}";
  policy.replace(policy.find(carries), carries.size(), carries + ", latency: {p99: 300ms}");
  world.WritePolicy(policy);
  world.AddShop("shop", 155, 8);
  world.agent.SetLatency("shop", 0.7);
  world.StartScaler();
  world.executor.RunFor(minutes(2));
  ASSERT_EQ(world.platform.Desired("shop"), 8);

  world.agent.SetRate("shop", 70);
  world.executor.RunFor(minutes(3));
  EXPECT_EQ(world.platform.Desired("shop"), 8);

  world.agent.SetLatency("shop", 0.05);
  EXPECT_LT(world.SecondsUntil([&] { return world.platform.Desired("shop") < 8; }, minutes(3)), 90);
}

TEST(Simulation, AnIdleShopReachesZeroAndWakesOnItsFirstRequest) {
  World world(3);
  world.AddShop("shop", 5, 1);
  world.StartScaler();
  world.executor.RunFor(seconds(30));
  world.agent.SetRate("shop", 0);
  const auto idle =
      world.SecondsUntil([&] { return world.platform.Desired("shop") == 0; }, seconds(180));
  EXPECT_GT(idle, 60);
  EXPECT_LT(idle, 95);
  world.executor.RunFor(minutes(5));
  EXPECT_EQ(world.platform.Desired("shop"), 0);

  world.agent.SetRate("shop", 1);

  // A second until the first request is there at all, and half a second to the next frame.
  EXPECT_LT(world.SecondsUntil([&] { return world.platform.Desired("shop") == 1; }, seconds(10)),
            1.6);
}

TEST(Simulation, ALostAgentNeverLooksLikeFallingDemand) {
  World world(4);
  world.AddShop("shop", 95, 5);
  world.StartScaler();
  world.executor.RunFor(seconds(60));

  world.agent.SetDown(true);
  for (int minute = 0; minute < 10; ++minute) {
    world.executor.RunFor(minutes(1));
    ASSERT_EQ(world.platform.Desired("shop"), 5);
  }
  EXPECT_EQ(world.board.Get()->workloads[0].decision->outcome, Outcome::kHeld);
  world.agent.SetDown(false);
  world.executor.RunFor(seconds(10));
  EXPECT_EQ(world.platform.Desired("shop"), 5);
  EXPECT_EQ(world.board.Get()->workloads[0].decision->outcome, Outcome::kKept);
}

TEST(Simulation, ARestartedAgentDoesNotShakeAnything) {
  World world(5);
  world.AddShop("shop", 95, 5);
  world.StartScaler();
  world.executor.RunFor(seconds(60));
  for (int restart = 0; restart < 20; ++restart) {
    world.agent.Restart();
    world.executor.RunFor(seconds(7));
    ASSERT_EQ(world.platform.Desired("shop"), 5);
  }
  EXPECT_EQ(world.platform.Scalings(), 0);
}

TEST(Simulation, AKilledScalerContinuesItsStabilizationWindow) {
  World world(6);
  world.AddShop("shop", 195, 10);
  world.StartScaler();
  world.executor.RunFor(seconds(60));
  world.agent.SetRate("shop", 18);
  world.executor.RunFor(seconds(20));

  world.KillScaler();
  world.executor.RunFor(seconds(5));
  world.StartScaler();

  world.executor.RunFor(seconds(3));
  EXPECT_EQ(world.platform.Desired("shop"), 10) << "the window was forgotten";
  world.executor.RunFor(seconds(8));
  EXPECT_EQ(world.platform.Desired("shop"), 1) << "the window began anew";
}

TEST(Simulation, AJumpOfTheWallClockChangesNothing) {
  for (const auto jump : {minutes(60), minutes(-60)}) {
    World world(7);
    world.AddShop("shop", 95, 5);
    world.StartScaler();
    world.executor.RunFor(seconds(60));
    world.executor.JumpWallClock(jump);
    world.executor.RunFor(seconds(60));
    EXPECT_EQ(world.platform.Scalings(), 0);
    world.KillScaler();
    world.StartScaler();
    world.executor.RunFor(seconds(60));
    EXPECT_EQ(world.platform.Scalings(), 0);
    world.agent.SetRate("shop", 18);
    world.executor.RunFor(seconds(60));
    EXPECT_EQ(world.platform.Desired("shop"), 1);
  }
}

TEST(Simulation, APlatformThatRefusesIsAskedAgainWithPatience) {
  World world(8);
  world.AddShop("shop", 8, 1);
  world.StartScaler();
  world.executor.RunFor(seconds(10));
  world.platform.Refuse(true);
  world.agent.SetRate("shop", 75);
  world.executor.RunFor(minutes(5));
  const auto status = world.board.Get();
  EXPECT_EQ(status->workloads[0].problem, "the platform is down");
  EXPECT_GE(status->counters.actions.at("failed"), 10U);
  EXPECT_LE(status->counters.actions.at("failed"), 20U);

  world.platform.Refuse(false);

  EXPECT_LE(world.SecondsUntil([&] { return world.platform.Desired("shop") == 4; }, seconds(60)),
            31);
  EXPECT_EQ(world.board.Get()->workloads[0].problem, "");
}

TEST(Simulation, ABadPolicyFileIsReportedAndTheLastGoodOneStays) {
  World world(9);
  world.AddShop("shop", 8, 1);
  world.StartScaler();
  world.executor.RunFor(seconds(10));

  world.WritePolicy(
      "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {nam: shops}\n");
  world.executor.RunFor(seconds(10));
  EXPECT_THAT(world.board.Get()->problems,
              Contains(HasSubstr("shops.yaml:3:12: metadata.nam: unknown key")));
  EXPECT_GT((world.board.Get()->policy_problems->at({"shops.yaml", "refused"})), 0U);
  world.agent.SetRate("shop", 75);
  world.executor.RunFor(seconds(10));
  EXPECT_EQ(world.platform.Desired("shop"), 4);

  std::string other = kShops;
  other.replace(other.find("20/s"), 4, "10/s");
  world.WritePolicy(other);
  world.executor.RunFor(seconds(10));
  EXPECT_THAT(world.board.Get()->problems, IsEmpty());
  EXPECT_EQ((world.board.Get()->policy_problems->at({"shops.yaml", "refused"})), 0U);
  EXPECT_EQ(world.platform.Desired("shop"), 8);
}

TEST(Simulation, APolicyForAWorkloadThatIsNotThereIsAConditionUntilItIsMended) {
  World world(12);
  world.AddShop("shop", 8, 1);
  std::string other = kShops;
  other.replace(other.find("part-of: shop"), 13, "part-of: ship");
  world.WritePolicy(other);
  world.StartScaler();
  world.executor.RunFor(seconds(10));
  const auto problems = [&] {
    return world.board.Get()->policy_problems->at({"local/shops", "ineffective"});
  };
  EXPECT_THAT(world.board.Get()->problems, Contains(HasSubstr("local/shops matches no workload")));
  EXPECT_EQ(problems(), 1U);

  world.WritePolicy(kShops);
  world.executor.RunFor(seconds(10));

  EXPECT_THAT(world.board.Get()->problems, IsEmpty());
  EXPECT_EQ(problems(), 0U);
}

TEST(Simulation, AWorkloadOfATenantThatNoAgentKnowsIsHeldAndSaysSo) {
  World world(13);
  world.AddShop("shop", 8, 1);
  std::string other = kShops;
  other.insert(other.find("  replicas:"), "  tenant: {fromLabel: tenant}\n");
  world.WritePolicy(other);
  world.platform.AddWorkload("stray", 2);
  world.StartScaler();

  world.executor.RunFor(minutes(5));

  const auto status = world.board.Get();
  const auto stray =
      std::find_if(status->workloads.begin(), status->workloads.end(),
                   [](const auto& workload) { return workload.workload->id.name == "stray"; });
  ASSERT_NE(stray, status->workloads.end());
  EXPECT_EQ(world.platform.Desired("stray"), 2) << "missing is not zero";
  EXPECT_THAT(stray->decision->left_out,
              Contains(::testing::Field(&scaler::engine::LeftOut::why,
                                        "no agent reports the tenant stray")));
  EXPECT_THAT(status->problems, Contains(HasSubstr("has no label tenant")));
}

TEST(Simulation, ARestartedScalerStillShowsItsLastChange) {
  World world(14);
  world.AddShop("shop", 8, 1);
  world.StartScaler();
  world.executor.RunFor(seconds(10));
  world.agent.SetRate("shop", 75);
  world.executor.RunFor(minutes(1));
  const auto change = world.board.Get()->workloads[0].change;
  ASSERT_EQ(change->outcome, Outcome::kScaled);

  world.KillScaler();
  world.StartScaler();
  world.executor.RunFor(minutes(1));

  EXPECT_EQ(world.board.Get()->workloads[0].change->at, change->at);
  EXPECT_EQ(world.board.Get()->workloads[0].change->outcome, Outcome::kScaled);
}

TEST(Simulation, AFrozenScalerWritesNothingAndGoesOnWhenItIsThawed) {
  World world(10);
  world.AddShop("shop", 8, 1);
  world.StartScaler();
  world.executor.RunFor(seconds(10));
  ASSERT_TRUE(world.freeze.Set({"storm", world.executor.Wall()}));
  world.agent.SetRate("shop", 75);
  world.executor.RunFor(minutes(10));
  EXPECT_EQ(world.platform.Scalings(), 0);
  EXPECT_EQ(world.board.Get()->freeze->reason, "storm");
  EXPECT_THAT(world.board.Get()->workloads[0].decision->left_out,
              Contains(scaler::engine::LeftOut{"everything", "frozen: storm"}));
  EXPECT_EQ(scaler::loop::FreezeSwitch(world.directory.Path() / "freeze.json").Get()->reason,
            "storm")
      << "a restart must not thaw it";

  ASSERT_TRUE(world.freeze.Clear());

  world.executor.RunFor(seconds(2));
  EXPECT_EQ(world.platform.Desired("shop"), 4);
}

/// An hour of shops, most of them idle, over a stream that drops and repeats.
class Hour {
 public:
  /// Fewer where each costs ten times as much: the same faults in the same hour.
  static constexpr int kShops = tests::kSanitized ? 8 : 40;

  explicit Hour(std::uint32_t seed) : world_(seed, {.drop = 0.02, .repeat = 0.1}) {
    for (int number = 1; number <= kShops; ++number) {
      world_.AddShop("shop-" + std::to_string(100 + number));
    }
    world_.StartScaler();
  }

  void Run() {
    for (int second = 0; second < 3600; second += 5) {
      ChangeSomeRates();
      if (second % 900 == 600) {
        world_.agent.Restart();
      }
      if (second == 1800) {
        world_.KillScaler();
        world_.StartScaler();
      }
      world_.executor.RunFor(seconds(5));
      CheckBounds();
    }
  }

  World& Get() { return world_; }

 private:
  void ChangeSomeRates() {
    std::uniform_real_distribution<double> chance(0, 1);
    for (std::size_t index = 0; index < world_.shops.size(); ++index) {
      const bool busy = index < 4;
      if (chance(world_.random) < (busy ? 0.05 : 0.02)) {
        const bool quiet = chance(world_.random) < (busy ? 0.1 : 0.7);
        world_.agent.SetRate(world_.shops[index], quiet ? 0 : 150 * chance(world_.random));
      }
    }
  }

  void CheckBounds() {
    for (const auto& shop : world_.shops) {
      ASSERT_GE(world_.platform.Desired(shop), 0);
      ASSERT_LE(world_.platform.Desired(shop), 12);
    }
  }

  World world_;
};

TEST(Simulation, AnHourReplaysByteForByteFromItsLedger) {
  if (tests::kSanitized) {
    GTEST_SKIP() << "takes minutes here, and the hour of faults below runs the same code";
  }
  Hour hour(42);
  hour.Run();
  const auto entries = hour.Get().Entries();
  ASSERT_GT(entries.size(), 1000U);
  for (const auto& entry : entries) {
    ASSERT_TRUE(scaler::codec::Replays(entry.line)) << scaler::codec::EncodeLine(entry.line);
  }
  EXPECT_GT(hour.Get().platform.Scalings(), 100);
  EXPECT_GT(hour.Get().agent.Dials(), 50) << "the stream was to drop";
}

TEST(Simulation, OneSeedGivesOneRun) {
  if (tests::kSanitized) {
    GTEST_SKIP() << "takes minutes here, and the hour of faults below runs the same code";
  }
  Hour one(7);
  Hour other(7);
  one.Run();
  other.Run();
  EXPECT_EQ(one.Get().Lines(), other.Get().Lines());
}

TEST(Simulation, AfterAnHourOfFaultsEveryShopHasWhatItNeeds) {
  Hour hour(99);
  hour.Run();
  auto& world = hour.Get();
  for (const auto& shop : world.shops) {
    world.agent.SetRate(shop, 30);
  }
  world.executor.RunFor(minutes(6));  // One replica too many is kept for five after a rise.
  for (const auto& shop : world.shops) {
    EXPECT_EQ(world.platform.Ready(shop), 2) << shop;
    world.agent.SetRate(shop, 0);
  }
  world.executor.RunFor(minutes(3));
  for (const auto& shop : world.shops) {
    EXPECT_EQ(world.platform.Desired(shop), 0) << shop;
  }
}

}  // namespace
}  // namespace simulation

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "simulation/world.h"

namespace simulation {
namespace {

using scaler::engine::Rule;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::Field;

constexpr const char* kColours = R"(
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: shops}
spec:
  target: {selector: {matchLabels: {app.kubernetes.io/part-of: shop}}}
  replicas: {max: 12}
  signals: {requests: {perReplica: 20/s}}
  guards: {blueGreen: {hold: 10m}}
)";

/// Blue serves with six replicas; green has been deployed with one.
class BlueGreenSwitch : public ::testing::Test {
 protected:
  BlueGreenSwitch() {
    world_.WritePolicy(kColours);
    world_.AddShop("blue", kRate, 6, {{"trimtab.io/peer", "green"}});
    world_.StartScaler();
    world_.executor.RunFor(seconds(30));
    world_.AddShop("green", 0, 1, {{"trimtab.io/peer", "blue"}});
    world_.executor.RunFor(seconds(30));
  }

  void SwitchToGreen() {
    world_.agent.SetRate("blue", 0);
    world_.agent.SetRate("green", kRate);
  }

  void RestartScaler() {
    world_.KillScaler();
    world_.executor.RunFor(seconds(5));
    world_.StartScaler();
  }

  /// Runs so long and looks every second whether blue has all of its replicas.
  void ExpectBlueToKeepSixFor(std::chrono::seconds duration) {
    for (std::chrono::seconds passed{0}; passed < duration; passed += seconds(1)) {
      world_.executor.RunFor(seconds(1));
      ASSERT_EQ(world_.platform.Desired("blue"), 6) << passed.count() << " s later";
    }
  }

  static auto Applied(Rule rule) { return Contains(Field(&scaler::engine::Clamp::rule, rule)); }

  static constexpr double kRate = 110;
  World world_{31};
};

TEST_F(BlueGreenSwitch, GreenHasBluesReplicasBeforeItGetsTheTraffic) {
  EXPECT_EQ(world_.platform.Ready("green"), 6);
  EXPECT_THAT(world_.DecisionOf("green").clamps, Applied(Rule::kBlueGreenMatch));
  EXPECT_EQ(world_.platform.Desired("blue"), 6);
}

TEST_F(BlueGreenSwitch, BlueKeepsItsReplicasUntilGreenHasServedForLongEnough) {
  SwitchToGreen();

  ExpectBlueToKeepSixFor(minutes(9) + seconds(50));
  EXPECT_THAT(world_.DecisionOf("blue").clamps, Applied(Rule::kBlueGreenHold));
  world_.executor.RunFor(minutes(1));

  EXPECT_EQ(world_.platform.Desired("blue"), 1);
  EXPECT_EQ(world_.platform.Desired("green"), 6);
  for (const auto& entry : world_.Entries()) {
    ASSERT_TRUE(scaler::codec::Replays(entry.line)) << scaler::codec::EncodeLine(entry.line);
  }
}

TEST_F(BlueGreenSwitch, ARestartOfTheScalerDoesNotForgetWhoServed) {
  SwitchToGreen();
  ExpectBlueToKeepSixFor(minutes(5));
  RestartScaler();
  ExpectBlueToKeepSixFor(minutes(4));
  world_.executor.RunFor(minutes(2));
  ASSERT_EQ(world_.platform.Desired("blue"), 1) << "the time began anew";

  RestartScaler();
  world_.executor.RunFor(minutes(5));

  EXPECT_EQ(world_.platform.Desired("blue"), 1) << "the old colour is not to take over";
}

TEST_F(BlueGreenSwitch, BlueIsReadyAgainWhenItIsDeployedAnew) {
  SwitchToGreen();
  world_.executor.RunFor(minutes(12));
  ASSERT_EQ(world_.platform.Desired("blue"), 1);

  for (const int replicas : {0, 1}) {
    world_.platform.Scale({"local", "blue"}, replicas, [](const auto&) {});
  }
  world_.executor.RunFor(minutes(1));

  EXPECT_EQ(world_.platform.Desired("blue"), 6);
  EXPECT_THAT(world_.DecisionOf("blue").clamps, Applied(Rule::kBlueGreenMatch));
}

/// Now and then a second without a visitor is no switch.
TEST_F(BlueGreenSwitch, ALittleTrafficOnGreenIsAlreadyServing) {
  world_.agent.SetRate("green", 0.4);
  ExpectBlueToKeepSixFor(minutes(11));
  SwitchToGreen();

  world_.executor.RunFor(minutes(2));

  EXPECT_EQ(world_.platform.Desired("blue"), 1) << "green has served for long";
}

TEST_F(BlueGreenSwitch, APeerThatIsNotThereIsSaid) {
  world_.AddShop("red", 10, 1, {{"trimtab.io/peer", "black"}});
  world_.executor.RunFor(seconds(10));
  EXPECT_THAT(
      world_.DecisionOf("red").left_out,
      Contains(scaler::engine::LeftOut{"peer", "local/black is no workload that a policy is for"}));
}

}  // namespace
}  // namespace simulation

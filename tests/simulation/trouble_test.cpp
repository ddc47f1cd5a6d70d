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
using End = scaler::engine::Pod::End;

constexpr const char* kShopsWithMemory = R"(
apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: shops}
spec:
  target: {selector: {matchLabels: {app.kubernetes.io/part-of: shop}}}
  replicas: {max: 12}
  signals: {requests: {perReplica: 20/s}}
  memory: {onOom: recommend, max: 1Gi}
)";

constexpr double kMebibyte = 1024.0 * 1024.0;

/// A shop with four replicas and something to do for all of them.
class Trouble : public ::testing::Test {
 protected:
  Trouble() {
    world_.WritePolicy(kShopsWithMemory);
    world_.AddShop("shop", 75, 4);
    world_.platform.SetMemoryLimit("shop", 256 * kMebibyte);
    world_.StartScaler();
    world_.executor.RunFor(minutes(1));
  }

  [[nodiscard]] double AdvisedMebibytes() const {
    const auto advice = world_.DecisionOf("shop").memory;
    return advice ? advice->limit_bytes / kMebibyte : 0;
  }

  void ExpectEveryLineToReplay() {
    for (const auto& entry : world_.Entries()) {
      ASSERT_TRUE(scaler::codec::Replays(entry.line)) << scaler::codec::EncodeLine(entry.line);
    }
  }

  World world_{41};
};

/// A bad build ends before it is ready, its visitors press reload: four times as many requests.
/// More of the same build would not help, so there are four until it is mended, whether the
/// replicas wait for their next start at the moment or are starting.
TEST_F(Trouble, ACrashLoopUnderLoadIsNotScaledUp) {
  ASSERT_EQ(world_.platform.Desired("shop"), 4);
  world_.platform.EndInsteadOfServing("shop", End::kError);
  world_.executor.RunFor(seconds(3));
  world_.agent.SetRate("shop", 300);

  for (int second = 0; second < 600; ++second) {
    world_.executor.RunFor(seconds(1));
    ASSERT_EQ(world_.platform.Desired("shop"), 4) << "after " << second << " s";
  }
  EXPECT_THAT(world_.DecisionOf("shop").clamps,
              Contains(Field(&scaler::engine::Clamp::rule, Rule::kCrashLoop)));

  world_.platform.StayUp("shop");
  world_.executor.RunFor(minutes(1));
  EXPECT_EQ(world_.platform.Desired("shop"), 12);
  ExpectEveryLineToReplay();
}

/// Each start ends for want of memory. The advice is made once from the limit that there is, not
/// once more with every end; when somebody follows it and that is not enough, it rises again.
TEST_F(Trouble, AnOomSpiralIsAnsweredWithMemoryAndNotWithReplicas) {
  world_.platform.EndInsteadOfServing("shop", End::kOutOfMemory);
  world_.executor.RunFor(seconds(3));
  world_.agent.SetRate("shop", 300);
  world_.executor.RunFor(minutes(10));

  EXPECT_EQ(world_.platform.Desired("shop"), 4);
  EXPECT_EQ(AdvisedMebibytes(), 356);

  world_.platform.SetMemoryLimit("shop", 356 * kMebibyte);
  world_.executor.RunFor(minutes(2));
  EXPECT_NEAR(AdvisedMebibytes(), 456, 1);
  ExpectEveryLineToReplay();
}

TEST_F(Trouble, AnOomIsNoNewsAfterARestartOrAJumpOfTheClock) {
  world_.platform.EndInsteadOfServing("shop", End::kOutOfMemory);
  world_.executor.RunFor(minutes(1));
  world_.platform.StayUp("shop");
  world_.executor.RunFor(minutes(1));
  ASSERT_EQ(AdvisedMebibytes(), 356);
  // Somebody has followed the advice, and nothing has ended since.
  world_.platform.SetMemoryLimit("shop", 356 * kMebibyte);

  world_.KillScaler();
  world_.StartScaler();
  world_.executor.RunFor(minutes(1));
  EXPECT_EQ(AdvisedMebibytes(), 356);

  world_.executor.JumpWallClock(minutes(60));
  world_.executor.RunFor(minutes(1));
  EXPECT_EQ(AdvisedMebibytes(), 356);
}

}  // namespace
}  // namespace simulation

#include "scaler/local/local_platform.h"

#include <gmock/gmock.h>

#include <csignal>
#include <string>

#include "integration/scaler/local/visitors.h"
#include "integration/scaler/local/world.h"

namespace scaler::local {
namespace {

using common::lifecycle::EndReason;
using common::lifecycle::Event;
using platform::Phase;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class LocalPlatformTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!World::HasHaproxy()) {
      GTEST_SKIP() << "haproxy is not installed";
    }
    world_.StartHaproxy();
  }

  void OpenWithReady(int replicas, const Spec& spec) {
    world_.OpenPlatform(spec);
    world_.Scale(replicas);
    ASSERT_TRUE(world_.Until([&] { return world_.AllReady(replicas); }));
  }
  void OpenWithReady(int replicas) { OpenWithReady(replicas, world_.DefaultSpec()); }

  World world_;
};

TEST_F(LocalPlatformTest, LosesNoRequestByScaling) {
  world_.OpenPlatform(world_.DefaultSpec());
  Visitors visitors(world_.Port(), 8);

  world_.Scale(2);
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2); }));
  const auto waking = visitors.Take();
  EXPECT_THAT(waking.lost, IsEmpty());
  EXPECT_GT(waking.Of(503), 0) << "nobody was there at first";

  for (int round = 0; round < 3; ++round) {
    world_.RunFor(milliseconds(300));
    world_.Scale(1);
    ASSERT_TRUE(world_.Until([&] { return world_.AllReady(1); }));
    world_.RunFor(milliseconds(300));
    world_.Scale(2);
    ASSERT_TRUE(world_.Until([&] { return world_.AllReady(2); }));
  }
  world_.Scale(1);
  ASSERT_TRUE(world_.Until([&] { return world_.AllReady(1); }));
  const auto serving = visitors.Take();
  EXPECT_THAT(serving.lost, IsEmpty());
  EXPECT_THAT(serving.by_status, UnorderedElementsAre(Key(200)));
  EXPECT_GT(serving.Of(200), 200);
  EXPECT_GE(serving.by_body.size(), 2U) << "two replicas shared the load";

  world_.Scale(0);
  ASSERT_TRUE(world_.Until([&] { return world_.Replicas().empty(); }));
  world_.RunFor(milliseconds(200));
  const auto ending = visitors.Take();
  EXPECT_THAT(ending.lost, IsEmpty());
  for (const auto& [status, count] : ending.by_status) {
    EXPECT_TRUE(status == 200 || status == 503) << status << " came " << count << " times";
  }
  for (const auto& end : world_.Ends()) {
    EXPECT_EQ(end.reason, EndReason::kScaledDown);
    EXPECT_EQ(end.exit_code, 0) << "it was not killed";
  }
  world_.Stop();
  EXPECT_THAT(world_.Servers(), IsEmpty());
  EXPECT_THAT(world_.LeftBehind(), IsEmpty());
}

}  // namespace
}  // namespace scaler::local

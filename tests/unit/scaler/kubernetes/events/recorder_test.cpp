#include "scaler/kubernetes/events/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/fake_api/fake_api.h"
#include "support/simulated_executor.h"

namespace scaler::kubernetes::events {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr const char* kEventsPath = "/apis/events.k8s.io/v1/events";

Event Scaled(const std::string& note, const std::string& name = "web") {
  return {{"apps/v1", "Deployment", "shops", name, "u-1"},
          Reference{"trimtab.io/v1alpha1", "ScalingPolicy", "shops", "all", "u-2"},
          false,
          "Scaled",
          "Scale",
          note};
}

class RecorderTest : public testing::Test {
 protected:
  RecorderTest() { api_.Serve(kEventsPath); }

  [[nodiscard]] int Posts() const { return api_.Count("POST", "/events"); }
  [[nodiscard]] int Patches() const { return api_.Count("PATCH", "/events"); }
  [[nodiscard]] std::string First() const {
    const auto names = api_.Names(kEventsPath);
    return names.empty() ? ""
                         : api_.Get(kEventsPath, "shops", names[0].substr(names[0].find('/') + 1));
  }

  tests::SimulatedExecutor executor_{common::WallTime(std::chrono::hours(24))};
  tests::FakeApi api_{executor_};
  common::kubernetes::Access access_;
  std::unique_ptr<common::kubernetes::TokenSource> tokens_ =
      common::kubernetes::MakeTokenSource(executor_, access_);
  common::kubernetes::Client client_{executor_, api_, *tokens_};
  Recorder recorder_{executor_, client_, {.instance = "trimtab-scaler-1"}};
};

TEST_F(RecorderTest, WritesAnEventBesideItsObject) {
  recorder_.Record(Scaled("scaled 2 -> 5"));
  executor_.RunFor(seconds(1));
  ASSERT_EQ(api_.Names(kEventsPath).size(), 1U);
  EXPECT_THAT(First(), HasSubstr(R"("note":"scaled 2 -> 5")"));
  EXPECT_THAT(First(), HasSubstr(R"("uid":"u-1")"));
  EXPECT_THAT(First(), HasSubstr(R"("eventTime":"1970-01-02T00:00:00.000000Z")"));
}

TEST_F(RecorderTest, CountsWhatHappensAgainInTheSameEvent) {
  for (int i = 0; i < 600; ++i) {
    recorder_.Record(Scaled("scaled 2 -> 5"));
    executor_.RunFor(seconds(1));
  }
  executor_.RunFor(minutes(1));
  EXPECT_EQ(Posts(), 1);
  EXPECT_LE(Patches(), 22);
  EXPECT_THAT(First(), HasSubstr(R"("count":600)"));
}

TEST_F(RecorderTest, GivesAnObjectAFewNewEventsAndSaysHowManyAreLeftOut) {
  for (int i = 0; i < 50; ++i) {
    recorder_.Record(Scaled("scaled to " + std::to_string(i)));
  }
  executor_.RunFor(seconds(10));
  EXPECT_EQ(Posts(), 5);
  executor_.RunFor(minutes(2));
  recorder_.Record(Scaled("scaled to 99"));
  executor_.RunFor(seconds(1));
  EXPECT_EQ(Posts(), 6);
  EXPECT_THAT(api_.Requests().back().body,
              HasSubstr("scaled to 99 (45 more events before this one were left out)"));
}

TEST_F(RecorderTest, LeavesOutRatherThanQueuesWithoutEnd) {
  api_.FailAll("POST", kEventsPath, {.hangs = true});
  api_.FailAll("POST", "/apis/events.k8s.io/v1/namespaces/shops", {.hangs = true});
  for (int i = 0; i < 5000; ++i) {
    recorder_.Record(Scaled("scaled", "w" + std::to_string(i)));
  }
  executor_.RunFor(seconds(1));
  EXPECT_LE(Posts(), 2) << "two at once";
  api_.Relent();
  executor_.RunFor(minutes(5));
  EXPECT_LE(Posts(), 260);
}

TEST_F(RecorderTest, ForgetsAnEventThatCouldNotBeWritten) {
  api_.FailNext("POST", "/apis/events.k8s.io/v1/namespaces/shops", {.status = 403});
  recorder_.Record(Scaled("scaled 2 -> 5"));
  executor_.RunFor(seconds(1));
  EXPECT_TRUE(api_.Names(kEventsPath).empty());
  recorder_.Record(Scaled("scaled 2 -> 5"));
  executor_.RunFor(seconds(1));
  EXPECT_EQ(api_.Names(kEventsPath).size(), 1U);
}

TEST_F(RecorderTest, BeginsANewEventAfterTheOldOneIsGone) {
  recorder_.Record(Scaled("scaled 2 -> 5"));
  executor_.RunFor(seconds(1));
  const auto names = api_.Names(kEventsPath);
  ASSERT_EQ(names.size(), 1U);
  api_.Remove(kEventsPath, "shops", names[0].substr(names[0].find('/') + 1));
  recorder_.Record(Scaled("scaled 2 -> 5"));
  executor_.RunFor(minutes(1));  // The patch of the count finds nothing.
  recorder_.Record(Scaled("scaled 2 -> 5"));
  executor_.RunFor(seconds(1));
  EXPECT_EQ(api_.Names(kEventsPath).size(), 1U);
}

}  // namespace
}  // namespace scaler::kubernetes::events

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/scaler/kubernetes/workloads/world.h"

namespace scaler::kubernetes::workloads {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kScale = "/apis/apps/v1/namespaces/shops/deployments/shop-1/scale";

class ScaleTest : public testing::Test, protected tests::ClusterWorld {
 protected:
  ScaleTest() {
    PutDeployment("shop-1", 2);
    Start();
  }

  int Patches() const { return api.Count("PATCH", kScale); }
};

TEST_F(ScaleTest, WritesTheNumberAtOnceAndOnce) {
  const auto became = Scale("shop-1", 6);
  EXPECT_EQ(Find("shop-1")->desired, 6) << "what was asked for, before the answer";
  RunFor(milliseconds(0));
  EXPECT_EQ(api.Requests().back().method, "PATCH");
  EXPECT_EQ(api.Requests().back().at, executor.Monotonic());
  RunFor(milliseconds(10));
  EXPECT_EQ(*became, "ok");
  EXPECT_EQ(ReplicasOf("shop-1"), 6);
  EXPECT_EQ(Find("shop-1")->desired, 6);
  EXPECT_EQ(*Scale("shop-1", 6), "ok");
  EXPECT_EQ(Patches(), 1);
}

TEST_F(ScaleTest, OneWishAtATimeAndTheNewestLast) {
  const auto first = Scale("shop-1", 3);
  const auto same = Scale("shop-1", 3);
  const auto second = Scale("shop-1", 4);
  const auto third = Scale("shop-1", 5);
  EXPECT_EQ(Find("shop-1")->desired, 5);
  RunFor(milliseconds(10));
  for (const auto& became : {first, same, second, third}) {
    EXPECT_EQ(*became, "ok");
  }
  EXPECT_EQ(ReplicasOf("shop-1"), 5);
  EXPECT_EQ(Patches(), 2);
}

TEST_F(ScaleTest, AConflictWithSomethingElseIsNone) {
  const auto became = Scale("shop-1", 6);
  api.Merge(kDeployments, "shops", "shop-1", R"({"status":{"readyReplicas":1}})");
  RunFor(milliseconds(10));
  EXPECT_EQ(*became, "ok");
  EXPECT_EQ(ReplicasOf("shop-1"), 6);
  EXPECT_EQ(Patches(), 2);
}

TEST_F(ScaleTest, TheNumberOfSomebodyElseIsNotWrittenOver) {
  const auto became = Scale("shop-1", 6);
  api.Merge(kDeployments, "shops", "shop-1", R"({"spec":{"replicas":4}})");
  RunFor(milliseconds(10));
  EXPECT_THAT(*became, HasSubstr("from 2 to 4 by somebody else"));
  EXPECT_EQ(ReplicasOf("shop-1"), 4);
  EXPECT_EQ(Find("shop-1")->desired, 4);
  EXPECT_EQ(Patches(), 1);
}

TEST_F(ScaleTest, AStormOfConflictsHasAnEnd) {
  for (int i = 0; i < 20; ++i) {
    api.FailNext("PATCH", kScale, {.status = 409});
  }
  const auto became = Scale("shop-1", 6);
  RunFor(seconds(10));
  EXPECT_THAT(*became, HasSubstr("was not scaled"));
  EXPECT_EQ(Patches(), 5);
  EXPECT_EQ(Find("shop-1")->desired, 2);
}

TEST_F(ScaleTest, WhatWasDecidedLongAgoIsDecidedAnew) {
  api.FailNext("PATCH", kScale, {.status = 429, .headers = {{"retry-after", "3"}}});
  const auto became = Scale("shop-1", 6);
  api.Merge(kDeployments, "shops", "shop-1", R"({"status":{"readyReplicas":1}})");
  RunFor(seconds(8));
  EXPECT_THAT(*became, HasSubstr("decided anew"));
  EXPECT_EQ(ReplicasOf("shop-1"), 2);
}

TEST_F(ScaleTest, FailuresAreSentences) {
  api.FailNext("PATCH", kScale, {.status = 403});
  const auto forbidden = Scale("shop-1", 6);
  RunFor(milliseconds(10));
  EXPECT_THAT(*forbidden, HasSubstr("grant patch on deployments/scale"));
  api.FailNext("PATCH", kScale, {.status = 422});
  const auto invalid = Scale("shop-1", 6);
  RunFor(milliseconds(10));
  EXPECT_THAT(*invalid, HasSubstr("refuses the number"));
  api.FailNext("PATCH", kScale, {.hangs = true});
  const auto lost = Scale("shop-1", 6);
  RunFor(seconds(9));
  EXPECT_EQ(*lost, "pending");
  EXPECT_EQ(Find("shop-1")->desired, 6);
  RunFor(seconds(2));
  EXPECT_THAT(*lost, HasSubstr("not known"));
  EXPECT_EQ(Find("shop-1")->desired, 2);
  EXPECT_THAT(*Scale("nobody", 6), HasSubstr("is gone"));
}

TEST_F(ScaleTest, OneThatIsGoneMeanwhileIsGone) {
  const auto became = Scale("shop-1", 6);
  api.Remove(kDeployments, "shops", "shop-1");
  PutDeployment("shop-1", 1);
  RunFor(seconds(1));
  EXPECT_NE(*became, "ok");
  EXPECT_NE(*became, "pending");
  EXPECT_EQ(ReplicasOf("shop-1"), 1);
  EXPECT_EQ(*Scale("shop-1", 1), "ok");
}

TEST_F(ScaleTest, WhatIsOfBeforeTheWriteDoesNotTakeItBack) {
  const auto became = Scale("shop-1", 6);
  // Its event is on the way when the answer to the write comes.
  api.Merge(kDeployments, "shops", "shop-1", R"({"metadata":{"labels":{"a":"b"}}})");
  RunFor(milliseconds(10));
  EXPECT_EQ(*became, "ok");
  EXPECT_EQ(Find("shop-1")->desired, 6);
  EXPECT_EQ(Find("shop-1")->labels.at("a"), "b");
}

TEST_F(ScaleTest, LeavesAloneWhatIsSomebodyElses) {
  PutAutoscaler("by-cpu", "shop-1");
  RunFor(milliseconds(1));
  EXPECT_THAT(*Scale("shop-1", 6), HasSubstr("HorizontalPodAutoscaler shops/by-cpu"));
  RunFor(seconds(1));
  EXPECT_EQ(Patches(), 0);
}

}  // namespace
}  // namespace scaler::kubernetes::workloads

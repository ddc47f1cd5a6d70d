#include "unit/scaler/kubernetes/nodes/nodes_fixture.h"

namespace scaler::kubernetes::nodes {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

class Drains : public NodesFixture {
 protected:
  Drains() {
    PutNode("n1");
    PutNode("n2", "b");
  }

  void PutBudget(const std::string& name, const std::string& app, int allowed) {
    api_.PutObject(kBudgetsPath, R"({"metadata":{"namespace":"shops","name":")" + name +
                                     R"("},"spec":{"selector":{"matchLabels":{"app":")" + app +
                                     R"("}}},"status":{"disruptionsAllowed":)" +
                                     std::to_string(allowed) + "}}");
  }

  [[nodiscard]] std::string LastEviction() const {
    std::string body;
    for (const auto& seen : api_.Requests()) {
      body = seen.target.ends_with("/eviction") ? seen.body : body;
    }
    return body;
  }
};

TEST_F(Drains, ANoticedNodeIsMarkedAndEmptiedButForWhatBelongsToIt) {
  PutPod("shop-1", {.node = "n1"});
  PutPod("agent-1", {.node = "n1", .owner = "DaemonSet"});
  PutPod("shop-2", {.node = "n2"});
  Start();
  RunFor(seconds(2));
  EXPECT_THAT(Evicted(), IsEmpty());
  Notice("n1", seconds(120));
  RunFor(seconds(1));
  EXPECT_THAT(Node("n1"), AllOf(HasSubstr("\"unschedulable\":true"), HasSubstr("trimtab.io/drain"),
                                HasSubstr("trimtab.io/drain-deadline")));
  EXPECT_THAT(Node("n2"), Not(HasSubstr("trimtab.io")));
  EXPECT_THAT(Evicted(), ElementsAre("shop-1"));
  EXPECT_THAT(api_.Names(kPodsPath), ElementsAre("shops/agent-1", "shops/shop-2"));
  RunFor(seconds(3));
  EXPECT_EQ(Counters().drains.at("notice").counts.size(), fleet::DrainTimes::Bounds().size() + 1);
  api_.Remove(kNodesPath, "", "n1");
  RunFor(seconds(10));
  EXPECT_EQ(Counters().deadlines_missed, 0U);
  EXPECT_THAT(Counters().node_lost, IsEmpty());
}

TEST_F(Drains, WhoMattersMostAndTakesLongestIsReplacedFirst) {
  PutPod("quick-1", {.node = "n1", .priority = 5, .started_in = 2});
  PutPod("slow-1", {.node = "n1", .priority = 5, .started_in = 60});
  PutPod("vital-1", {.node = "n1", .priority = 1000});
  PutPod("batch-1", {.node = "n1", .priority = -5, .started_in = 300});
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(120));
  RunFor(seconds(1));
  EXPECT_THAT(Evicted(), ElementsAre("vital-1", "slow-1", "quick-1", "batch-1"));
}

TEST_F(Drains, ABudgetThatBlocksIsAskedAgainUntilItAllows) {
  PutPod("shop-1", {.node = "n1"});
  PutBudget("shop", "shop", 0);
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(120));
  RunFor(seconds(20));
  EXPECT_THAT(api_.Names(kPodsPath), ElementsAre("shops/shop-1"));
  EXPECT_THAT(Evicted().size(), testing::AllOf(testing::Ge(4U), testing::Le(8U)));
  PutBudget("shop", "shop", 1);
  RunFor(seconds(6));
  EXPECT_THAT(api_.Names(kPodsPath), IsEmpty());
  EXPECT_EQ(api_.Count("DELETE", kPodsPath), 0) << "nothing is forced";
}

TEST_F(Drains, WhatIsLeftAtTheDeadlineIsMissedAndNotForced) {
  PutPod("shop-1", {.node = "n1"});
  PutPod("other-1", {.node = "n1"});
  PutBudget("one", "shop", 1);
  PutBudget("two", "shop", 1);  // Two of them: the API refuses with 500.
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(30));
  RunFor(seconds(29));
  EXPECT_EQ(Counters().deadlines_missed, 0U);
  EXPECT_THAT(api_.Names(kPodsPath), ElementsAre("shops/shop-1"));
  RunFor(seconds(4));
  EXPECT_EQ(Counters().deadlines_missed, 1U);
  EXPECT_EQ(api_.Count("DELETE", "/pods"), 0);
  api_.Remove(kNodesPath, "", "n1");
  RunFor(seconds(10));
  EXPECT_EQ(Counters().deadlines_missed, 1U) << "once";
  EXPECT_EQ(Counters().node_lost.at({"shops", "shop"}), 1U);
}

TEST_F(Drains, AThrottledEvictionHoldsNobodyElseUp) {
  PutPod("shop-1", {.node = "n1", .priority = 9});
  PutPod("other-1", {.node = "n1"});
  api_.FailNext("POST", "/api/v1/namespaces/shops/pods/shop-1",
                {.status = 429, .headers = {{"retry-after", "10"}}});
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(120));
  RunFor(seconds(1));
  EXPECT_THAT(api_.Names(kPodsPath), ElementsAre("shops/shop-1"));
  RunFor(seconds(6));
  EXPECT_THAT(api_.Names(kPodsPath), IsEmpty());
}

TEST_F(Drains, APodThatMayTakeLongGetsWhatIsLeft) {
  PutPod("shop-1", {.node = "n1", .grace = 600});
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(60));
  RunFor(seconds(1));
  EXPECT_THAT(LastEviction(), HasSubstr("\"gracePeriodSeconds\":54"));
  PutPod("shop-2", {.node = "n2", .grace = 30});
  Notice("n2", seconds(60));
  RunFor(seconds(1));
  EXPECT_THAT(LastEviction(), Not(HasSubstr("gracePeriodSeconds")));
}

TEST_F(Drains, APersonsWishIsDoneAsANoticeIsAndMayBeTakenBack) {
  PutPod("shop-1", {.node = "n1"});
  PutPod("shop-2", {.node = "n1"});
  PutBudget("shop", "shop", 1);
  Start();
  RunFor(seconds(2));
  ASSERT_TRUE(fleet_->Want("n1", true));
  RunFor(seconds(2));
  EXPECT_THAT(Node("n1"), AllOf(HasSubstr("\"unschedulable\":true"), HasSubstr("\"asked\""),
                                Not(HasSubstr("trimtab.io/drain-deadline"))));
  EXPECT_THAT(api_.Names(kPodsPath), ElementsAre("shops/shop-2"));
  const auto& held = fleet_->Status()->held;
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].pod, "shops/shop-2");
  EXPECT_EQ(held[0].node, "n1");
  EXPECT_THAT(held[0].why,
              AllOf(HasSubstr("disruption budget shop needs"), testing::StartsWith("429 ")));

  ASSERT_TRUE(fleet_->Want("n1", false));
  RunFor(seconds(5));
  EXPECT_THAT(Node("n1"), Not(AnyOf(HasSubstr("trimtab.io"), HasSubstr("unschedulable\":true"))));
  EXPECT_THAT(api_.Names(kPodsPath), ElementsAre("shops/shop-2"));
  EXPECT_THAT(fleet_->Status()->held, IsEmpty());
}

TEST_F(Drains, AWishThatIsTakenBackIsTakenBackThoughTheServerFailsAtFirst) {
  Start();
  RunFor(seconds(2));
  ASSERT_TRUE(fleet_->Want("n1", true));
  RunFor(seconds(2));
  ASSERT_THAT(Node("n1"), HasSubstr("trimtab.io/drain"));
  api_.FailNext("PATCH", kNodesPath, {.status = 500});
  ASSERT_TRUE(fleet_->Want("n1", false));
  RunFor(seconds(10));
  EXPECT_THAT(Node("n1"), Not(HasSubstr("trimtab.io")));
}

TEST_F(Drains, WhoLeadsNextCarriesOnWithAPersonsWish) {
  Start();
  RunFor(seconds(2));
  ASSERT_TRUE(fleet_->Want("n1", true));
  RunFor(seconds(2));
  Stop();
  memory_.reset();
  PutPod("shop-1", {.node = "n1"});
  Start();
  RunFor(seconds(5));
  EXPECT_THAT(Node("n1"), HasSubstr("\"asked\""));
  EXPECT_THAT(Evicted(), ElementsAre("shop-1"));
  ASSERT_TRUE(fleet_->Want("n1", false));
  RunFor(seconds(3));
  EXPECT_THAT(Node("n1"), Not(HasSubstr("trimtab.io")));
}

TEST_F(Drains, AWishNeedsANodeAndAPolicy) {
  has_policy_ = false;
  Start();
  RunFor(seconds(2));
  EXPECT_THAT(fleet_->Want("n1", true).error().what, HasSubstr("no CapacityPolicy"));
  EXPECT_THAT(fleet_->Want("ghost", true).error().what, HasSubstr("no node ghost"));
}

TEST_F(Drains, ARecommendationToLeaveIsFollowedOneNodeAtATimeAndOverALife) {
  PutPod("shop-1", {.node = "n1"});
  PutPod("shop-2", {.node = "n2"});
  Start();
  RunFor(seconds(2));
  for (const auto* const node : {"n1", "n2"}) {
    platform::NodeNotice notice;
    notice.node = node;
    notice.kind = platform::NodeNotice::Kind::kRebalance;
    notices_.push_back(notice);
    heard_.insert(node);
  }
  RunFor(seconds(3));
  EXPECT_THAT(Node("n1"), HasSubstr("\"rebalance\""));
  EXPECT_THAT(Evicted(), ElementsAre("shop-1"));
  EXPECT_THAT(Node("n2"), Not(HasSubstr("trimtab.io"))) << "as a person's wish, one at a time";

  Stop();
  memory_.reset();
  notices_.clear();
  heard_.clear();
  Start();
  RunFor(seconds(5));
  EXPECT_THAT(Node("n1"), HasSubstr("\"rebalance\"")) << "its agent has not been heard yet";
  EXPECT_EQ(Counters().deadlines_missed, 0U) << "nobody said when";
  heard_ = {"n1", "n2"};
  RunFor(seconds(5));
  EXPECT_THAT(Node("n1"), Not(HasSubstr("trimtab.io"))) << "its agent knows of none";
}

TEST_F(Drains, AWithdrawnNoticeUncordons) {
  PutPod("shop-1", {.node = "n1"});
  PutBudget("shop", "shop", 0);
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(120));
  RunFor(seconds(5));
  EXPECT_THAT(Node("n1"), HasSubstr("trimtab.io/drain"));
  const auto before = Evicted().size();
  notices_.clear();
  RunFor(seconds(1));
  EXPECT_THAT(Node("n1"), AllOf(Not(HasSubstr("trimtab.io")), Not(HasSubstr("unschedulable"))));
  PutBudget("shop", "shop", 1);
  RunFor(seconds(30));
  EXPECT_EQ(Evicted().size(), before);
  EXPECT_THAT(api_.Names(kPodsPath), ElementsAre("shops/shop-1"));
}

TEST_F(Drains, SomebodyElsesCordonAndTaintsStay) {
  PutNode("n1", "a",
          R"({"unschedulable":true,"taints":[{"key":"team","value":"x","effect":"NoSchedule"}]})");
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(120));
  RunFor(seconds(3));
  EXPECT_THAT(Node("n1"), AllOf(HasSubstr("trimtab.io/drain"), HasSubstr("team")));
  notices_.clear();
  RunFor(seconds(3));
  EXPECT_THAT(Node("n1"), AllOf(Not(HasSubstr("trimtab.io")), HasSubstr("team"),
                                HasSubstr("\"unschedulable\":true")));
}

TEST_F(Drains, ANoticeForAnUnknownNodeDoesNothing) {
  Start();
  RunFor(seconds(2));
  Notice("nobody", seconds(60));
  RunFor(seconds(90));
  EXPECT_EQ(api_.Count("PATCH", "/"), 0);
  EXPECT_EQ(Counters().deadlines_missed, 0U);
}

TEST_F(Drains, AnotherLifeOfTheScalerGoesOn) {
  PutPod("shop-1", {.node = "n1"});
  PutBudget("shop", "shop", 0);
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(120));
  RunFor(seconds(5));
  Stop();
  notices_.clear();  // Its agent has not been heard yet.
  heard_.clear();
  RunFor(seconds(10));
  Start();
  RunFor(seconds(5));
  EXPECT_THAT(Node("n1"), HasSubstr("trimtab.io/drain")) << "the mark stands for the notice";
  PutBudget("shop", "shop", 1);
  RunFor(seconds(6));
  EXPECT_THAT(api_.Names(kPodsPath), IsEmpty());
  EXPECT_EQ(api_.Count("PATCH", "n1"), 1) << "it was marked once";
  heard_.insert("n1");  // And says that it is not taken.
  RunFor(seconds(3));
  EXPECT_THAT(Node("n1"), Not(HasSubstr("trimtab.io")));
}

TEST_F(Drains, TwoNodesAreEmptiedTogetherTheMoreUrgentFirst) {
  PutPod("late-1", {.node = "n1", .priority = 10});
  PutPod("soon-1", {.node = "n2"});
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(120));
  Notice("n2", seconds(30));
  RunFor(seconds(1));
  EXPECT_THAT(Evicted(), UnorderedElementsAre("soon-1", "late-1"));
  EXPECT_THAT(Node("n1"), HasSubstr("trimtab.io/drain"));
  EXPECT_THAT(Node("n2"), HasSubstr("trimtab.io/drain"));
}

TEST_F(Drains, ANodeThatVanishesInMidDrainIsLeftAlone) {
  PutPod("shop-1", {.node = "n1"});
  PutBudget("shop", "shop", 0);
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(120));
  RunFor(seconds(5));
  api_.Remove(kNodesPath, "", "n1");
  api_.Remove(kPodsPath, "shops", "shop-1");
  const auto before = Evicted().size();
  RunFor(seconds(60));
  EXPECT_LE(Evicted().size(), before + 1);
  EXPECT_EQ(Counters().deadlines_missed, 1U) << "it was not empty";
}

TEST_F(Drains, ANodeThatItsMakerEmptiedAndRemovedIsNoInterruption) {
  Start();
  RunFor(seconds(5));
  api_.Remove(kNodesPath, "", "n2");
  RunFor(seconds(10));
  EXPECT_THAT(Counters().interruptions, IsEmpty());
}

TEST_F(Drains, AMarkIsMadeAnewWhereSomebodyElseWasFaster) {
  Start();
  RunFor(seconds(2));
  api_.FailNext("PATCH", kNodesPath, {.status = 409});
  api_.Merge(kNodesPath, "", "n1",
             R"({"spec":{"taints":[{"key":"team","value":"x","effect":"NoSchedule"}]}})");
  Notice("n1", seconds(120));
  RunFor(seconds(3));
  EXPECT_THAT(Node("n1"), AllOf(HasSubstr("trimtab.io/drain"), HasSubstr("team")));
}

TEST_F(Drains, WhoMayNotMarkANodeSaysSoOnceAndDoesItWhenItMay) {
  Start();
  RunFor(seconds(2));
  api_.FailAll("PATCH", kNodesPath, {.status = 403});
  testing::internal::CaptureStderr();
  Notice("n1", seconds(120));
  RunFor(seconds(20));
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_GT(api_.Count("PATCH", kNodesPath), 1);
  EXPECT_NE(log.find("node is not marked"), std::string::npos);
  EXPECT_EQ(log.find("node is not marked"), log.rfind("node is not marked")) << log;
  api_.Relent();
  RunFor(seconds(40));
  EXPECT_THAT(Node("n1"), HasSubstr("trimtab.io/drain"));
}

TEST_F(Drains, NothingIsDoneWhileItIsFrozenOrSomebodyElseLeads) {
  PutPod("shop-1", {.node = "n1"});
  Start();
  frozen_ = "a person does";
  RunFor(seconds(2));
  Notice("n1", seconds(120));
  RunFor(seconds(5));
  EXPECT_EQ(api_.Count("PATCH", "n1"), 0);
  leads_ = false;
  frozen_.clear();
  RunFor(seconds(5));
  EXPECT_THAT(Evicted(), IsEmpty());
  leads_ = true;
  RunFor(seconds(2));
  EXPECT_THAT(Evicted(), ElementsAre("shop-1"));
}

TEST_F(Drains, APodThatTakesItsTimeIsAskedOnce) {
  PutPod("shop-1", {.node = "n1", .lingers = true});
  Start();
  RunFor(seconds(2));
  Notice("n1", seconds(120));
  RunFor(seconds(60));
  EXPECT_THAT(Evicted(), ElementsAre("shop-1"));
  EXPECT_EQ(nodes_->ListNodes().pods.at(0)->leaving, true);
  End("shop-1");
  RunFor(seconds(3));
  EXPECT_EQ(Counters().drains.count("notice"), 1U);
}

}  // namespace
}  // namespace scaler::kubernetes::nodes

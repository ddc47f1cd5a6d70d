#include "scaler/engine/decision.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "unit/scaler/engine/shop.h"

namespace scaler::engine {
namespace {

TEST(DecisionWords, EveryOutcomeHasItsName) {
  EXPECT_EQ(OutcomeName(Outcome::kScaled), "scaled");
  EXPECT_EQ(OutcomeName(Outcome::kKept), "kept");
  EXPECT_EQ(OutcomeName(Outcome::kHeld), "held");
  EXPECT_EQ(OutcomeName(Outcome::kDryRun), "dry_run");
}

TEST(DecisionWords, EveryRuleHasANameAndAReasonOfItsOwn) {
  std::set<std::string> names;
  std::set<std::string> reasons;
  const auto rules = static_cast<std::size_t>(kLastRule) + 1;
  for (std::size_t i = 0; i < rules; ++i) {
    const auto rule = static_cast<Rule>(i);
    names.emplace(RuleName(rule));
    reasons.insert(Why({rule, 3, 2, 30, "winter"}));
  }
  EXPECT_EQ(names.size(), rules);
  EXPECT_EQ(reasons.size(), rules - 1) << "a schedule's bounds are one reason";
  EXPECT_FALSE(reasons.contains("unknown"));
}

TEST(DecisionWords, AReasonSaysWhatTheRuleWentBy) {
  EXPECT_EQ(Why({Rule::kFlapping, 2, 8, 6, {}}), "it has changed direction 6 times lately");
  EXPECT_EQ(Why({Rule::kIdle, 1, 0, 600, {}}), "nobody has come for 600 s");
  EXPECT_EQ(Why({Rule::kIdle, 0, 1, 5, {}}), "idle for only 5 s");
  EXPECT_EQ(Why({Rule::kScheduleMin, 2, 8, 0, "sale"}), "the schedule sale");
}

bool LeavesOut(const Decision& decision, const std::string& what, const std::string& why) {
  for (const auto& one : decision.left_out) {
    if (one.what == what && one.why.find(why) != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST(Recommendation, AQueryWithoutAnAnswerOrWithAnOldOneIsMissing) {
  Shop shop;
  shop.policy.signals.external = {{"lag", ExternalSignal::Kind::kPerReplica, 100, "lag"}};
  shop.See(50);
  EXPECT_TRUE(LeavesOut(shop.last, "lag", "no answer"));
  shop.observation.external = {{"lag", {700, shop.observation.now}}};
  EXPECT_EQ(shop.See(50), 7);
  EXPECT_EQ(shop.See(50, std::chrono::seconds(31)), 7) << "missing is not zero";
  EXPECT_TRUE(LeavesOut(shop.last, "lag", "old"));
}

TEST(Recommendation, WhoRequestsNothingHasNoUtilization) {
  Shop shop;
  shop.policy.signals.memory = UtilizationSignal{0.5};
  shop.See(50);
  shop.UseCpu(0.1, 3);
  for (auto& pod : shop.observation.pods) {
    pod.memory_bytes = Sampled<double>{1e8, shop.observation.now};
  }
  shop.See(50);
  EXPECT_TRUE(LeavesOut(shop.last, "memory", "request no memory"));
}

TEST(Recommendation, RequestsInFlightAskForReplicasToo) {
  Shop shop;
  shop.policy.signals.in_flight = CountSignal{4};
  shop.observation.now += std::chrono::seconds(1);
  shop.observation.demand = Sampled<Demand>{{10, 21, 0}, shop.observation.now};
  EXPECT_EQ(shop.Decide(), 6);
}

}  // namespace
}  // namespace scaler::engine

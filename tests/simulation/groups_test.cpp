#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "simulation/world.h"

namespace simulation {
namespace {

using scaler::engine::Outcome;
using scaler::engine::Rule;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::Field;

/// Ten replicas for everybody whose plan is "starter".
constexpr const char* kStarterPlan = R"(---
apiVersion: trimtab.io/v1alpha1
kind: ScalingGroup
metadata: {name: starter-plan}
spec:
  selector: {matchLabels: {plan: starter}}
  limits: {replicas: 10}
  sharing: {by: tenant, priorityLabel: trimtab.io/priority}
)";

class Groups : public ::testing::Test {
 protected:
  explicit Groups(const std::string& group = kStarterPlan) { world_.WritePolicy(kShops + group); }

  void AddStarter(const std::string& name, double rate, int replicas,
                  std::map<std::string, std::string> labels = {}) {
    labels.emplace("plan", "starter");
    world_.AddShop(name, rate, replicas, labels);
  }

  void ExpectDesired(int apples, int pears) {
    EXPECT_EQ(world_.platform.Desired("apples"), apples);
    EXPECT_EQ(world_.platform.Desired("pears"), pears);
  }

  [[nodiscard]] int ClampsOf(const std::string& name) const {
    const auto decision = world_.DecisionOf(name);
    return static_cast<int>(
        std::count_if(decision.clamps.begin(), decision.clamps.end(),
                      [](const auto& clamp) { return clamp.rule == Rule::kGroupCap; }));
  }

  void ExpectEveryLineToReplay() {
    for (const auto& entry : world_.Entries()) {
      ASSERT_TRUE(scaler::codec::Replays(entry.line)) << scaler::codec::EncodeLine(entry.line);
    }
  }

  World world_{21};
};

/// One tenant has most of the plan when a second one's sale begins: both come to five, nobody ever
/// has more than ten together, and when the first goes quiet the second gets the rest.
TEST_F(Groups, ACapThatTwoTenantsReachIsSharedFairly) {
  AddStarter("apples", 150, 8);
  AddStarter("pears", 30, 2);
  world_.AddShop("plums", 150, 8);  // on another plan
  world_.StartScaler();
  world_.executor.RunFor(seconds(30));
  ExpectDesired(8, 2);

  world_.agent.SetRate("pears", 160);
  for (int tenth = 0; tenth < 300; ++tenth) {
    world_.executor.RunFor(std::chrono::milliseconds(100));
    ASSERT_LE(world_.platform.Desired("apples") + world_.platform.Desired("pears"), 10);
  }

  ExpectDesired(5, 5);
  EXPECT_EQ(world_.platform.Desired("plums"), 8);
  const auto pears = world_.DecisionOf("pears");
  EXPECT_THAT(pears.clamps,
              Contains(scaler::engine::Clamp{Rule::kGroupCap, 8, 5, 5, "starter-plan"}));
  EXPECT_EQ(scaler::engine::Why(pears.clamps.back()), "the share of the group starter-plan");
  const auto groups = world_.board.Get()->groups;
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].wanted, 16);
  EXPECT_EQ(groups[0].granted, 10);

  world_.agent.SetRate("apples", 10);
  world_.executor.RunFor(minutes(2));
  ExpectDesired(1, 8);
  EXPECT_EQ(ClampsOf("pears"), 0);
  ExpectEveryLineToReplay();
}

TEST_F(Groups, AHigherPriorityIsServedFirst) {
  AddStarter("apples", 150, 8);
  AddStarter("pears", 30, 2, {{"trimtab.io/priority", "1"}});
  world_.StartScaler();
  world_.executor.RunFor(seconds(30));

  world_.agent.SetRate("pears", 160);
  world_.executor.RunFor(seconds(30));

  ExpectDesired(2, 8);
}

/// While the agent is silent nobody knows what the members need, and none loses what it has.
TEST_F(Groups, MembersThatAreHeldKeepTheirPartOfTheCap) {
  AddStarter("apples", 100, 5);
  AddStarter("pears", 100, 5);
  world_.StartScaler();
  world_.executor.RunFor(seconds(60));
  ExpectDesired(5, 5);

  world_.agent.SetDown(true);
  world_.executor.RunFor(minutes(5));

  ExpectDesired(5, 5);
  EXPECT_EQ(world_.DecisionOf("apples").outcome, Outcome::kHeld);
  EXPECT_EQ(world_.board.Get()->groups[0].granted, 10);
}

/// Who only tries a policy is told what its share would be and takes nothing from the others.
TEST_F(Groups, ADryRunTakesNoPartThatItDoesNotHave) {
  world_.WritePolicy(std::string(kShops) +
                     "  overrides:\n    trial: {selector: {matchLabels: {trial: \"yes\"}}, mode: "
                     "dryRun}\n" +
                     kStarterPlan);
  AddStarter("apples", 250, 9);
  AddStarter("pears", 250, 1, {{"trial", "yes"}});
  world_.StartScaler();

  world_.executor.RunFor(seconds(60));

  ExpectDesired(9, 1);
  const auto pears = world_.DecisionOf("pears");
  EXPECT_EQ(pears.outcome, Outcome::kDryRun);
  EXPECT_EQ(pears.desired, 5);
  EXPECT_EQ(ClampsOf("apples"), 1);
}

TEST_F(Groups, AMinimumIsKeptBeyondTheCap) {
  std::string shops = kShops;
  shops.replace(shops.find("min: 0"), 6, "min: 7");
  shops.erase(shops.find("  idle:"));
  world_.WritePolicy(shops + kStarterPlan);
  AddStarter("apples", 20, 1);
  AddStarter("pears", 200, 1);
  world_.StartScaler();

  world_.executor.RunFor(seconds(60));

  ExpectDesired(7, 7);
}

constexpr const char* kSmallPlan = R"(---
apiVersion: trimtab.io/v1alpha1
kind: ScalingGroup
metadata: {name: small-plan}
spec:
  selector: {matchLabels: {plan: starter}}
  limits: {cpu: 600m}
)";

class CpuGroups : public Groups {
 protected:
  CpuGroups() : Groups(kSmallPlan) {}
};

/// Every shop requests a tenth of a core.
TEST_F(CpuGroups, ACapOfCoresIsSharedByWhatReplicasRequest) {
  AddStarter("apples", 150, 1);
  AddStarter("pears", 150, 1);
  world_.StartScaler();

  world_.executor.RunFor(seconds(60));

  ExpectDesired(3, 3);
  EXPECT_NEAR(world_.board.Get()->groups[0].cpu_cores, 0.6, 1e-9);
}

}  // namespace
}  // namespace simulation

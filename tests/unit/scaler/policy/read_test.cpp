#include "scaler/policy/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scaler/policy/profile.h"
#include "unit/scaler/policy/policy_text.h"

namespace scaler::policy {
namespace {

using namespace std::chrono_literals;

/// The only policy of a text that has no problem.
ScalingPolicy Read(const std::string& text) {
  const PolicyFiles directory;
  directory.Write("p.yaml", text);
  common::yaml::Problems problems("p.yaml");
  auto policies = ReadFile(directory.In("p.yaml"), problems).policies;
  EXPECT_EQ(ToString(problems.Sorted()), "");
  return policies.at(0);
}

TEST(ReadPolicy, FillsInTheDefaults) {
  const auto policy = Read(Document("shops", "name: shop"));

  engine::Policy expected;
  expected.name = "local/shops";
  expected.replicas = {.min = 1, .max = 3};
  expected.objective = {.overload = 0.001, .hold = {}, .learn_hold = true};
  expected.signals.requests = engine::RequestsSignal{20};
  expected.tolerance = 0.1;
  expected.behavior = FastBehavior();
  expected.guards.stale_after = 30s;
  expected.mode = engine::Mode::kActive;
  EXPECT_EQ(policy.terms.policy, expected);
}

TEST(ReadPolicy, TakesTheSteadyProfile) {
  EXPECT_EQ(Read(Document("shops", "name: shop", "  profile: steady")).terms.policy.behavior,
            SteadyBehavior());
}

TEST(ReadPolicy, AnObjectiveLearnsWhetherToHoldUnlessThePolicySaysHowLong) {
  const auto objective = [](const std::string& rest) {
    return Read(Document("shops", "name: shop", rest)).terms.policy.objective;
  };
  const engine::Objective learned{.overload = 0.001, .hold = {}, .learn_hold = true};
  EXPECT_EQ(objective("  profile: steady"), learned);
  EXPECT_EQ(objective("  objective: {hold: learned}"), learned);
  EXPECT_EQ(objective("  objective: {hold: 0s}").hold, 0s);
  EXPECT_EQ(objective("  objective: {hold: 10m}").hold, 10min);
  EXPECT_EQ(objective("  objective: {hold: auto}").hold, std::nullopt);
  EXPECT_FALSE(objective("  objective: {hold: auto}").learn_hold);
}

TEST(ReadPolicy, TheHpaHasOnlyTheGuardsThatThePolicyNames) {
  const auto guards = [](const std::string& rest) {
    return Read(Document("shops", "name: shop", rest)).terms.policy.guards;
  };
  engine::Guards none;
  none.hold_in_crash_loop = false;
  none.ignore_unready_rollout = false;
  none.damp_flapping = false;
  EXPECT_EQ(guards("  profile: hpa"), none);
  auto one = none;
  one.damp_flapping = true;
  EXPECT_EQ(guards("  guards: {flapping: damp}\n  profile: hpa"), one);
  EXPECT_EQ(guards("  profile: steady"), engine::Guards());
}

TEST(ReadPolicy, AnOverrideWithAnotherProfileHasThatOnesGuards) {
  const auto policy = Read(
      "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: a}\n"
      "spec:\n  target: {selector: {matchLabels: {app: shop}}}\n"
      "  replicas: {max: 3}\n  signals: {cpu: {utilization: 70%}}\n"
      "  guards: {crashLoop: hold}\n"
      "  overrides: {a: {selector: {matchLabels: {tier: gold}}, profile: hpa}}\n");
  EXPECT_EQ(policy.terms.policy.guards, engine::Guards());
  const auto& guards = policy.overrides.at(0).terms.policy.guards;
  EXPECT_TRUE(guards.hold_in_crash_loop) << "the policy asks for it";
  EXPECT_FALSE(guards.ignore_unready_rollout);
  EXPECT_FALSE(guards.damp_flapping);
}

TEST(ReadPolicy, BehaviorReplacesOnlyWhatItNames) {
  const auto policy = Read(Document("shops", "name: shop",
                                    "  profile: steady\n"
                                    "  behavior: {scaleUp: {policies: []}, "
                                    "scaleDown: {stabilizationWindowSeconds: 5}}"));

  auto expected = SteadyBehavior();
  expected.scale_up.limits.clear();
  expected.scale_down.stabilization_window = 5s;
  EXPECT_EQ(policy.terms.policy.behavior, expected);
}

TEST(ReadPolicy, AnOverrideThatKeepsReplicasRunningEndsIdle) {
  const auto policy = Read(
      "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: a}\n"
      "spec:\n  target: {selector: {matchLabels: {app: shop}}}\n"
      "  replicas: {min: 0, max: 5}\n  signals: {cpu: {utilization: 70%}}\n"
      "  idle: {after: 1m}\n"
      "  overrides:\n"
      "    gold: {selector: {matchLabels: {tier: gold}}, replicas: {min: 2}}\n"
      "    iron: {selector: {matchLabels: {tier: iron}}, replicas: {max: 1}}\n");

  ASSERT_EQ(policy.overrides.size(), 2U);
  EXPECT_EQ(policy.overrides[0].terms.policy.idle, std::nullopt);
  EXPECT_EQ(policy.overrides[0].terms.policy.replicas, (engine::ReplicaBounds{.min = 2, .max = 5}));
  EXPECT_EQ(policy.overrides[1].terms.policy.idle, (engine::Idle{1min}));
  EXPECT_EQ(policy.overrides[1].terms.policy.replicas, (engine::ReplicaBounds{.min = 0, .max = 1}));
}

}  // namespace
}  // namespace scaler::policy

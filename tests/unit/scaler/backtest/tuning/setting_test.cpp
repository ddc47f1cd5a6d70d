#include "scaler/backtest/tuning/setting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/policy/document/node.h"
#include "scaler/policy/write.h"
#include "unit/scaler/backtest/history.h"

namespace scaler::backtest::tuning {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr const char* kShops =
    "  replicas: {min: 0, max: 100}\n  idle: {after: 10m}\n  objective: {overload: 1%, hold: 0s}\n"
    "  signals: {requests: {perReplica: 100/s}}\n"
    "  overrides:\n"
    "    calm: {selector: {matchLabels: {calm: \"yes\"}}, idle: {after: 1h}}\n"
    "    busy: {selector: {matchLabels: {busy: \"yes\"}}, replicas: {max: 500}}\n";

TEST(TunedSetting, IsWhatThePolicySays) {
  const auto setting = SettingOf(PolicyWith(kShops).terms);

  EXPECT_EQ(setting.overload, 0.01);
  EXPECT_EQ(setting.hold, (Hold{0s, false}));
  EXPECT_EQ(setting.window, 30s);
  EXPECT_EQ(setting.per_replica, 100);
  EXPECT_EQ(setting.idle_after, 10min);
  EXPECT_FALSE(setting.keep_warm);
}

TEST(TunedSetting, ChangesThePolicyAndTheOverridesThatHadTheSame) {
  const auto document = PolicyWith(kShops);
  auto to = SettingOf(document.terms);
  to.idle_after = 2min;
  to.hold = {};

  const auto changed = Changed(document, to);

  EXPECT_EQ(changed.terms.policy.idle->after, 2min);
  EXPECT_EQ(changed.terms.policy.objective.hold, std::nullopt);
  EXPECT_FALSE(changed.terms.policy.objective.learn_hold);
  ASSERT_EQ(changed.overrides.size(), 2U);
  EXPECT_EQ(changed.overrides[0].name, "busy");
  EXPECT_EQ(changed.overrides[0].terms.policy.idle->after, 2min);
  EXPECT_EQ(changed.overrides[0].terms.policy.replicas.max, 500);
  EXPECT_EQ(changed.overrides[1].terms.policy.idle->after, 1h) << "it says so itself";
}

TEST(TunedSetting, AProfileBringsItsBehaviorAndItsAlgorithm) {
  const auto document =
      PolicyWith("  replicas: {max: 9}\n  profile: hpa\n  signals: {cpu: {utilization: 70%}}\n");
  const Space space(document.terms, 0.01, 100);
  const auto neighbours = space.Neighbours(SettingOf(document.terms));
  const auto fast = std::find_if(neighbours.begin(), neighbours.end(), [](const auto& one) {
    return one.profile == policy::Profile::kFast;
  });
  ASSERT_NE(fast, neighbours.end());

  const auto changed = Changed(document, *fast);

  EXPECT_EQ(changed.terms.policy.algorithm, engine::Algorithm::kObjective);
  EXPECT_EQ(changed.terms.policy.behavior, policy::FastBehavior());
}

TEST(TunedSetting, WhatIsWrittenReadsBackAsTheSame) {
  const auto document = PolicyWith(kShops);
  auto to = SettingOf(document.terms);
  to.hold = {5min, false};
  to.window = 2min;
  to.per_replica = 85;
  to.keep_warm = true;
  const auto changed = Changed(document, to);

  common::yaml::Problems problems("written.yaml");
  const auto read =
      policy::ReadText(policy::document::ToYaml(policy::Write(changed)), problems).policies;

  ASSERT_EQ(read.size(), 1U) << problems.AsError().what;
  EXPECT_TRUE(read.front().SameAs(changed));
  EXPECT_EQ(SettingOf(read.front().terms), to);
}

TEST(TunedSetting, APatchHasOnlyWhatChanges) {
  const auto from = SettingOf(PolicyWith(kShops).terms);
  auto to = from;
  EXPECT_THAT(ChangedKeys(from, to), IsEmpty());
  to.hold = {};
  to.window = 2min;
  to.per_replica = 85;

  EXPECT_EQ(Changes(from, to), 3);
  EXPECT_THAT(
      ChangedKeys(from, to),
      ElementsAre("objective.hold: auto", "behavior.scaleDown.stabilizationWindowSeconds: 120",
                  "signals.requests.perReplica: 85/s"));
  EXPECT_EQ(Patch(from, to),
            "spec:\n  objective: {hold: auto}\n  behavior:\n"
            "    scaleDown: {stabilizationWindowSeconds: 120}\n"
            "  signals:\n    requests: {perReplica: 85/s}\n");
}

TEST(TunedSetting, NeighboursDifferInOneValueEach) {
  const auto document = PolicyWith(kShops);
  const auto standing = SettingOf(document.terms);
  const Space space(document.terms, 0.01, 100);

  const auto neighbours = space.Neighbours(standing);

  EXPECT_THAT(neighbours, Not(Contains(standing)));
  EXPECT_THAT(neighbours, Contains(Field(&Setting::per_replica, 85.0)));
  EXPECT_THAT(neighbours, Contains(Field(&Setting::keep_warm, true)));
  for (const auto& one : neighbours) {
    // A profile comes with its own window.
    EXPECT_EQ(Changes(standing, one), one.profile ? 2 : 1);
  }
}

TEST(TunedSetting, WhatThePolicyLeavesToTheEngineIsNotTuned) {
  const auto document =
      PolicyWith("  replicas: {max: 9}\n  signals: {requests: {perReplica: auto}}\n");
  const Space space(document.terms, 0.01, 100);

  const auto neighbours = space.Neighbours(SettingOf(document.terms));

  EXPECT_THAT(neighbours, Each(Field(&Setting::per_replica, std::optional<double>())));
  EXPECT_THAT(neighbours, Each(Field(&Setting::idle_after, std::optional<Duration>())));
}

}  // namespace
}  // namespace scaler::backtest::tuning

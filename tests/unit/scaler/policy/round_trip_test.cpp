#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

#include "common/yaml/parse.h"
#include "scaler/policy/profile.h"
#include "scaler/policy/read.h"
#include "scaler/policy/write.h"

namespace scaler::policy {
namespace {

using common::yaml::Problems;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::filesystem::path kGood = std::filesystem::path(FIXTURES_DIR) / "policy/good";

int Number(int least, int most) { return *rc::gen::inRange(least, most + 1); }

bool Coin() { return *rc::gen::arbitrary<bool>(); }

template <typename T>
T OneOf(std::initializer_list<T> values) {
  return *(values.begin() + Number(0, static_cast<int>(values.size()) - 1));
}

engine::Duration AnySpan(int least_seconds, int most_seconds) {
  return seconds(Number(least_seconds, most_seconds)) + milliseconds(Coin() ? Number(0, 999) : 0);
}

/// A share that can be written as one: not every number is a hundredth of another.
double AnyShare(double most) {
  return std::min(most, Coin() ? Number(1, 99) / 100.0 : Number(1, 1'000'000) / 1e4 / 100);
}

/// Amounts that people write, and those that they do not.
double AnyAmount() {
  return OneOf({Number(1, 5000) / 1000.0, Number(1, 1000) * 1048576.0, Number(1, 1000) / 7.0});
}

engine::ScalingRules AnyRules() {
  using engine::RateLimit;
  using engine::SelectPolicy;
  engine::ScalingRules rules;
  rules.stabilization_window = seconds(Number(0, 3600));
  rules.select = OneOf({SelectPolicy::kMax, SelectPolicy::kMin, SelectPolicy::kDisabled});
  for (int i = Number(0, 3); i > 0; --i) {
    rules.limits.push_back({.kind = Coin() ? RateLimit::Kind::kPods : RateLimit::Kind::kPercent,
                            .value = Number(1, 100),
                            .period = seconds(Number(1, 1800))});
  }
  return rules;
}

engine::Signals AnySignals() {
  engine::Signals signals;
  if (Coin()) {
    signals.requests = engine::RequestsSignal{AnyAmount() / 2000};
  }
  if (Coin()) {
    signals.in_flight = engine::CountSignal{AnyShare(1) * 100};
  }
  if (Coin()) {
    signals.latency = engine::LatencyGuard{AnyShare(0.999), AnySpan(1, 3000)};
  }
  if (Coin()) {
    signals.memory = engine::UtilizationSignal{AnyShare(10)};
  }
  for (int i = Number(0, 2); i > 0; --i) {
    signals.external.insert(
        signals.external.begin(),
        {.name = fmt::format("query-{}", i),
         .kind = Coin() ? engine::ExternalSignal::Kind::kValue
                        : engine::ExternalSignal::Kind::kPerReplica,
         .target = AnyAmount(),
         .query = OneOf<std::string>({"up", "sum(x{a=\"b\"}) # not", "a: [b"})});
  }
  return signals;
}

std::vector<BoundsSchedule> AnySchedules(const engine::ReplicaBounds& replicas) {
  std::vector<BoundsSchedule> schedules;
  for (int i = 0; i < Number(0, 2); ++i) {
    schedules.push_back(
        {.name = fmt::format("at-{}", i),
         .when = {.cron = *schedule::ParseCron(OneOf({"0 8 * * 1-5", "@daily", "5/20 0 ? jan *"})),
                  .time_zone = OneOf<std::string>({"UTC", "Europe/Bucharest"}),
                  .length = seconds(Number(60, 86400))},
         .min = replicas.min,
         .max = Coin() ? std::optional(replicas.max) : std::nullopt});
  }
  return schedules;
}

Terms AnyTerms() {
  using engine::Guards;
  using engine::MemoryReaction;
  Terms terms;
  auto& policy = terms.policy;
  policy.name = "shops/a";
  policy.replicas.min = Number(0, 5);
  policy.replicas.max = policy.replicas.min + Number(1, 50);
  if (policy.replicas.min == 0) {
    policy.idle = engine::Idle{.after = AnySpan(1, 86400), .keep_warm = Coin()};
  }
  policy.objective.overload = AnyShare(0.5);
  policy.objective.hold =
      Coin() ? std::optional<engine::Duration>(AnySpan(0, 86400)) : std::nullopt;
  policy.objective.learn_hold = policy.objective.hold || Coin();
  policy.signals = AnySignals();
  AddDefaultSignal(Profile::kFast, policy.signals);
  if (policy.signals.in_flight && Coin()) {
    policy.formula = OneOf<std::string>({"inFlight", "max(2, inFlight * 1.5 - 1)"});
  }
  terms.schedules = AnySchedules(policy.replicas);
  policy.forecast.mode = OneOf({engine::Forecast::Mode::kOff, engine::Forecast::Mode::kAuto});
  if (policy.forecast.mode == engine::Forecast::Mode::kAuto && Coin()) {
    policy.forecast.seasons = {AnySpan(60, 864000)};
  }
  policy.behavior = Coin() ? BehaviorOf(OneOf({Profile::kFast, Profile::kSteady}))
                           : engine::Behavior{.scale_up = AnyRules(), .scale_down = AnyRules()};
  policy.tolerance = AnyShare(0.9);
  policy.guards.stale_after = AnySpan(1, 3599);
  policy.guards.damp_flapping = Coin();
  policy.guards.hold_in_crash_loop = Coin();
  if (Coin()) {
    policy.guards.on_missing = Guards::OnMissing::kFallback;
    policy.guards.fallback_replicas = Number(1, policy.replicas.max);
  }
  if (Coin()) {
    policy.guards.blue_green = engine::BlueGreen{AnySpan(1, 86399)};
    terms.peer_label = "example.com/peer";
  }
  policy.memory.on_oom = OneOf({MemoryReaction::OnOom::kIgnore, MemoryReaction::OnOom::kApply});
  policy.memory.max_bytes = Coin() ? AnyAmount() : 0;
  policy.placement.min_nodes = Number(1, policy.replicas.max);
  policy.placement.spot = OneOf({engine::Placement::Spot::kNever, engine::Placement::Spot::kOnly});
  policy.mode = OneOf({engine::Mode::kActive, engine::Mode::kDryRun, engine::Mode::kPaused});
  return terms;
}

/// What the document reads back as; the text in front of the problems, where there are any.
Documents ReadBack(const document::Node& node, std::string& why) {
  const auto text = ToYaml(node);
  Problems problems("written.yaml");
  auto documents = ReadText(text, problems);
  why = problems.Empty() ? "" : text + ToString(problems.Sorted());
  return documents;
}

RC_GTEST_PROP(WrittenPolicies, ReadBackAsTheyWere, ()) {
  ScalingPolicy policy;
  policy.name_space = "shops";
  policy.name = "a";
  policy.target.selector = Selector{.match_labels = {{"tier", OneOf<std::string>({"", "1", "no"})}},
                                    .match_expressions = {}};
  policy.terms = AnyTerms();

  std::string why;
  const auto documents = ReadBack(Write(policy), why);

  RC_ASSERT(why == "");
  RC_ASSERT(documents.policies.size() == 1U);
  RC_ASSERT(documents.policies[0].terms == policy.terms);
  RC_ASSERT(documents.policies[0].SameAs(policy));
}

TEST(WrittenDocuments, OfEveryKindReadBackAsTheyWere) {
  for (const auto& entry : std::filesystem::directory_iterator(kGood)) {
    if (entry.path().extension() != ".yaml") {
      continue;
    }
    Problems problems(entry.path().string());
    const auto documents = ReadFile(entry.path(), problems);
    ASSERT_TRUE(problems.Empty()) << entry.path();
    std::string why;
    for (const auto& policy : documents.policies) {
      const auto back = ReadBack(Write(policy), why);
      ASSERT_EQ(why, "");
      EXPECT_TRUE(back.policies.at(0).SameAs(policy)) << ToYaml(Write(policy));
    }
    for (const auto& group : documents.groups) {
      EXPECT_TRUE(ReadBack(Write(group), why).groups.at(0).SameAs(group)) << why;
    }
    for (const auto& capacity : documents.capacity) {
      EXPECT_TRUE(ReadBack(Write(capacity), why).capacity.at(0).SameAs(capacity)) << why;
    }
  }
}

}  // namespace
}  // namespace scaler::policy
